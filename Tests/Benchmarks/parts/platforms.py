"""An index of two platforms, 90 MB executables and 200 files. Peers: each image by itself, and both."""
from measuring import imagetool, inputs, report
from measuring.workplace import WORK, apart, folder, median, remove, run

MACHINES = {62: "linux/amd64", 183: "linux/arm64"}


def other_machine(program, path):
    """The same program with another machine in its ELF header; the two machines' names."""
    content = bytearray(program.read_bytes())
    own = int.from_bytes(content[18:20], "little")
    foreign = next(machine for machine in MACHINES if machine != own)
    content[18:20] = foreign.to_bytes(2, "little")
    path.write_bytes(content)
    return MACHINES[own], MACHINES[foreign]


def measure(quick):
    report.title("platforms: an index of two platforms on disk, nothing cached")
    source = folder("platforms")
    apart(inputs.set_a, source)
    imagetool.describe(source, "data/*")
    own, foreign = other_machine(source / "program", source / "other")
    first, second = ["--executable", f"{own}=program"], ["--executable", f"{foreign}=other"]

    def build(executables):
        def once():
            folder("cache")
            remove(source / ".build")
            return run([imagetool.path(), "build", "--base", "scratch", *executables, *imagetool.more], source,
                       XDG_CACHE_HOME=WORK / "cache")
        return median(once, 1 if quick else 3)

    index, one, two = build(first + second), build(first), build(second)
    report.figures(["CPU s", "wall s", "peak MiB"], [
        (name, each.cpu, each.wall, each.rss / 2**20)
        for name, each in [("index", index), ("image for this platform", one), ("image for the other", two),
                           ("both images", one + two)]])
    report.mark("CPU, in images for this platform", index.cpu / one.cpu, 2.1, "")
    remove(source)
