"""A 90 MB executable and 200 files, built and pushed to docker-registry, then again unchanged.

The files are the toolchain's own. Peers: umoci and skopeo, buildah, podman, and tar and gzip alone.
"""
import statistics

from measuring import imagetool, inputs, peers, report
from measuring.registries import DockerRegistry
from measuring.workplace import Cost, apart, folder, median, remove

COLUMNS = ["CPU s", "wall s", "MB", "peak MiB"]


def fields(cost, size):
    return cost.cpu, cost.wall, size / 1e6, cost.rss / 2**20


def compressed_alone(source, levels=(1, 6)):
    """Rows, and how much smaller the archive becomes by the first level."""
    tools = [peers.Archive("archive", level) for level in levels]
    costs = [(tool, tool.build_and_push(source)) for tool in tools]
    return [(tool.name, *fields(cost, tool.size)) for tool, cost in costs], tools[0].size


def first_and_again(push_first, push_again, runs):
    """The costs of both, and the bytes that came to a registry, each time an empty one."""
    sizes, agains = [], []

    def first():
        with DockerRegistry("registry") as registry:
            cost = push_first(registry)
            sizes.append(registry.size())
            agains.append(push_again(registry))
            return cost

    cost = median(first, runs)
    again = sorted(agains, key=lambda each: each.cpu)[len(agains) // 2]
    return cost, again, sizes[-1]


def against_peers(source, runs):
    """Prints both tables; our first cost and bytes, the CPU seconds of the second, and wall by CPU time of the first."""
    tools, absent = peers.present(peers.IMAGE_TOOLS)
    firsts, agains, ratios = [], [], []

    def add(name, first, again, runs=runs):
        cost, repeated, size = first_and_again(first, again, runs)
        firsts.append((name, *fields(cost, size)))
        agains.append((name, repeated.cpu, repeated.wall, repeated.rss / 2**20))
        return cost, size

    def ours(registry):
        folder("cache")
        # With a pipeline file, the folder counts as a package, and keeps its layers itself.
        remove(source / ".build")
        cost = imagetool.push(source, registry)
        ratios.append(cost.wall / cost.cpu)
        return cost

    # What else a machine does disturbs wall time the most.
    own, size = add("ours", ours, lambda registry: imagetool.push(source, registry), 3 * runs)
    for tool in tools:
        peer = tool("peer")
        add(tool.name, lambda registry: peer.build_and_push(source, registry),
            lambda registry: peer.again(source, registry))
        folder("peer")
    alone, smallest = compressed_alone(source)
    from_size = sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    report.note(f"{from_size / 1e6:.1f} MB, which gzip -1 makes {from_size / smallest:.2f} times smaller")
    report.figures(COLUMNS, firsts + alone)
    report.note("again, unchanged (umoci: the push alone)")
    report.figures(["CPU s", "wall s", "peak MiB"], agains)
    report.missing(absent)
    return own, size, agains[0][1], statistics.median(ratios)


def measure(quick):
    report.title("push: 90 MB executable and 200 files to docker-registry")
    source = folder("set-a")
    apart(inputs.set_a, source)
    imagetool.describe(source, "data/*")
    cost, size, again, ratio = against_peers(source, 1 if quick else 3)
    report.mark("CPU, zlib", cost.cpu, 1.0, "s")
    report.mark("bytes", size / 1e6, 26.5, "MB")
    report.mark("wall by CPU time (where nothing else runs on 2 cores)", ratio, 0.6, "")
    report.mark("CPU, unchanged", again, 0.05, "s")
    remove(source)
