"""The kinds of work that a push can have more or less of. Each yields (amount, one push of that amount)."""
import os

from . import bases, imagetool, inputs
from .registries import DockerRegistry
from .workplace import apart, folder, need_disk, remove

MB, GB, MiB, GiB = 10**6, 10**9, 1 << 20, 1 << 30


class Axis:
    def __init__(self, name, unit, amounts, quick, pushes, constant_memory):
        self.name, self.unit, self.amounts, self.quick = name, unit, amounts, quick
        self.pushes, self.constant_memory = pushes, constant_memory


def program(name):
    source = folder(name)
    inputs.static_program(source / "program")
    return source


def repeated(path, size):
    """A file of `size` bytes of the toolchain's programs, over and over."""
    usr = inputs.toolchain() / "bin"
    parts = [(usr / "swift-format", 0, 32 * MiB), (usr / "docc", 0, 32 * MiB)]
    inputs.write(path, [(name, at, min(part, size - done)) for done, (name, at, part) in
                        zip(range(0, size, 32 * MiB), parts * (size // (64 * MiB) + 1))])


def many(source, count):
    """Files of 1,000 bytes, a thousand to a folder."""
    block = os.urandom(500).hex()
    for number in range(count):
        if number % 1000 == 0:
            (place := source / f"data/{number // 1000}").mkdir(parents=True)
        (place / f"{number}.txt").write_text(f"{number:<8}{block[8:]}")


def sizes(amounts):
    source = program("sizes")
    for amount in amounts:
        need_disk(3 * amount)
        repeated(source / "model.bin", amount)
        imagetool.describe(source, "model.bin")
        with DockerRegistry("registry") as registry:
            yield amount, lambda name: imagetool.push(source, registry, repository=name)
    remove(source)


def files(amounts):
    for amount in amounts:
        source = program("files")
        apart(many, source, amount)
        imagetool.describe(source, "data")
        with DockerRegistry("registry") as registry:
            yield amount, lambda name: imagetool.push(source, registry, repository=name)
    remove(source)


def layers(amounts):
    source = program("layers")
    for amount in amounts:
        with DockerRegistry("first") as first, DockerRegistry("second") as second:
            apart(bases.push, first, "team/base", [100_000] * amount)
            base = f"{first.address}/team/base:latest"
            yield amount, lambda name: imagetool.push(source, second, repository=name, base=base)
    remove(source)


def own_layers(amounts):
    """Files that are each larger than a layer may be: a layer for each."""
    source = program("own-layers")
    (source / "data").mkdir()
    for amount in amounts:
        for number in range(len(os.listdir(source / "data")), amount):
            repeated(source / f"data/{number}", MB + number + 1)
        imagetool.describe(source, "data", layer_size="1 MB")
        with DockerRegistry("registry") as registry:
            yield amount, lambda name: imagetool.push(source, registry, repository=name)
    remove(source)


def images(amounts):
    source = program("images")
    with DockerRegistry("registry") as registry:
        apart(bases.push, registry, "team/base", [100_000])
        base = f"{registry.address}/team/base:latest"
        for amount in amounts:
            more = [word for number in range(1, amount) for word in ("--base", f"tag{number}={base}")]
            yield amount, lambda name: imagetool.push(source, registry, *more, repository=name, base=base)
    remove(source)


def base_sizes(elsewhere):
    def pushes(amounts):
        source = program("bases")
        for amount in amounts:
            need_disk(amount * (2 + elsewhere))
            with DockerRegistry("first") as first, DockerRegistry("second") as second:
                count = max(1, amount // (512 * MB))
                apart(bases.push, first, "team/base", [amount // count] * count)
                target, base = second if elsewhere else first, f"{first.address}/team/base:latest"
                yield amount, lambda name: imagetool.push(source, target, repository=name, base=base)
        remove(source)
    return pushes


BASES = [1 * MB, 10 * MB, 100 * MB, 500 * MB, 1 * GB, 2 * GB, 5 * GB]
AXES = [
    Axis("bytes in one file", "B", [MiB, 8 * MiB, 64 * MiB, 512 * MiB, 2 * GiB, 8 * GiB], 4, sizes, True),
    Axis("files of 1,000 bytes", "", [1, 10, 100, 1_000, 10_000, 100_000], 5, files, False),
    Axis("layers of our own, of 1 MB each", "", [1, 3, 10, 30, 100], 4, own_layers, False),
    Axis("images in one push", "", [1, 3, 10, 30, 100], 4, images, False),
    Axis("layers of the base, to another registry", "", [1, 3, 10, 30, 100], 4, layers, False),
    Axis("bytes of the base, in its own registry", "B", BASES, 4, base_sizes(False), True),
    Axis("bytes of the base, to another registry", "B", BASES, 4, base_sizes(True), True),
]
