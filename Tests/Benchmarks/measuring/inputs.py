"""What images are made of: real programs and files, the same wherever the same Swift is."""
import json, os, pathlib, random, shutil, subprocess

from .workplace import Failure, environment, run


def toolchain():
    """The toolchain's folder `usr`."""
    try:
        info = subprocess.run(
            ["swift", "-print-target-info"], capture_output=True, check=True, env=environment({})).stdout
    except FileNotFoundError:
        raise Failure("swift is not on PATH") from None
    return pathlib.Path(json.loads(info)["paths"]["runtimeResourcePath"]).parents[1]


def static_program(path, payload=None):
    """A program without libraries, so that every tool puts the same into the image; the payload lies in its data."""
    source, assembly = path.with_suffix(".c"), path.with_suffix(".s")
    source.write_text("int main(void) { return 0; }\n")
    included = f'.incbin "{payload}"\n' if payload else ""
    assembly.write_text(
        f'.section .rodata\n.globl payload\npayload:\n{included}.section .note.GNU-stack,"",%progbits\n')
    run([toolchain() / "bin/clang", "-static", "-o", path, source, assembly])
    for file in (source, assembly):
        file.unlink()


def write(path, parts):
    """Joins (file, offset, size) into one file."""
    with open(path, "wb") as output:
        for name, offset, size in parts:
            with open(name, "rb") as file:
                file.seek(offset)
                while size > 0 and (block := file.read(min(size, 1 << 22))):
                    output.write(block)
                    size -= len(block)


def set_a(folder):
    """A program of 90 MB, from the toolchain's own, and 200 of its files."""
    usr = toolchain()
    (folder / "data").mkdir(parents=True)
    first, second = usr / "bin/swift-format", usr / "bin/docc"
    share = min(first.stat().st_size, 57_000_000)
    write(folder / "payload", [(first, 0, share), (second, 10_000_000, 89_200_000 - share)])
    static_program(folder / "program", folder / "payload")
    (folder / "payload").unlink()
    small = sorted(file for place in ("include", "lib", "share") for file in (usr / place).rglob("*")
                   if file.is_file() and not file.is_symlink() and 4_000 <= file.stat().st_size <= 20_000)
    for number in range(200):
        shutil.copyfile(small[number * len(small) // 200], folder / f"data/{number}.bin")


def set_b(folder, total=1_000_000_000, incompressible=280_000_000):
    """Files of every kind and size: of /usr/share, of the toolchain, and random ones."""
    (folder / "data").mkdir(parents=True)
    static_program(folder / "program")
    generator, written, number = random.Random(2), 0, 0

    def place():
        nonlocal number
        number += 1
        path = folder / f"data/{number // 500}/{number}.bin"
        path.parent.mkdir(exist_ok=True)
        return path

    while written < incompressible:
        size = min(generator.choice([1 << 16, 1 << 20, 1 << 24, 1 << 26]), incompressible - written)
        with open(place(), "wb") as file:
            for start in range(0, size, 1 << 22):
                file.write(generator.randbytes(min(1 << 22, size - start)))
        written += size
    for source, limit in ((pathlib.Path("/usr/share"), 100_000_000), (toolchain(), total)):
        for folder_name, folders, names in os.walk(source):
            folders.sort()
            for name in sorted(names):
                file = pathlib.Path(folder_name) / name
                if not file.is_file() or file.is_symlink():
                    continue
                for start in range(0, file.stat().st_size, 64 << 20):
                    size = min(file.stat().st_size - start, 64 << 20, total - written)
                    if size > 0 and limit > 0:
                        write(place(), [(file, start, size)])
                        written, limit = written + size, limit - size


def random_file(path, size, seed=7):
    """Three parts that do not compress and one that does."""
    generator = random.Random(seed)
    with open(path, "wb") as file:
        for _ in range(size >> 22):
            file.write(generator.randbytes(3 << 20) + bytes(1 << 20))
