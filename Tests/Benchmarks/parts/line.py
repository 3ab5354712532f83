"""One line of the starter package changed, and pushed again: the bytes that the registry receives.

Peers: the program with Swift's libraries linked into it, in one layer, by umoci and skopeo, and by tar and gzip -6 as
apple/swift-container-plugin has it.
"""
import shutil

from measuring import packages, peers, report
from measuring.registries import DockerRegistry
from measuring.workplace import folder, median, remove, run


def received(registry, push):
    """What came to the registry's disk, and the cost."""
    before = registry.size()
    cost = push()
    return registry.size() - before, cost


def static_pushes(registry, peer, runs):
    """Bytes and cost of building, layering and pushing a static program with one line changed, and its archive's."""
    package = packages.starter("static")
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "WordCount"]
    archive, results = peers.Archive("archive", 6), []
    for number in range(runs + 1):
        packages.change_line(package, number)
        built = run(build, package)
        image = folder("static-image")
        shutil.copy2(package / ".build/release/WordCount", image / "WordCount")
        for bundle in (package / ".build/release").glob("*.resources"):
            shutil.copytree(bundle, image / bundle.name)
        packed = archive.build_and_push(image)
        count, cost = received(registry, lambda: peer.build_and_push(image, registry)) if peer else (None, None)
        results.append((count, cost and built + cost, archive.size, built + packed))
    remove(package)
    return results[1:]


def middle(values):
    values = sorted(values)
    return values[len(values) // 2]


def measure(quick):
    report.title("line: one changed line of the starter package, to docker-registry")
    runs = 1 if quick else 3
    package = packages.starter("line")
    with DockerRegistry("registry") as registry:
        verb = ["swift", "package", "--disable-sandbox", "push-image", "--base", "scratch", "--registry",
                registry.address, "--repository", "benchmark/line"]
        first, _ = received(registry, lambda: run(verb, package))
        changes = []
        for number in range(1, runs + 1):
            packages.change_line(package, number)
            changes.append(received(registry, lambda: run(verb, package)))
        same, _ = received(registry, lambda: run(verb, package))
        again = median(lambda: run(verb, package))
        context = package / ".build/plugins/PushImage/outputs/context.json"
        tool = next(package.glob(".build/*/debug/ImageTool-tool"))
        own = [tool, "push", *verb[4:], "--plugin-context", context]
        itself = median(lambda: run(own, package), 5)
        tools, absent = peers.present([peers.UmociSkopeo])
        static = static_pushes(registry, tools[0]("peer") if tools else None, runs)
    rows = [("ours", middle(count for count, _ in changes) / 1e3, middle(cost.cpu for _, cost in changes),
             middle(cost.wall for _, cost in changes))]
    for name, at in (("static program, umoci + skopeo", 0), ("static program, tar | gzip -6, nothing pushed", 2)):
        if static[0][at]:
            rows.append((name, middle(each[at] for each in static) / 1e3, middle(each[at + 1].cpu for each in static),
                         middle(each[at + 1].wall for each in static)))
    report.figures(["kB", "CPU s", "wall s"], rows)
    report.missing(absent)
    report.note(f"the first push was {first / 1e6:.1f} MB; an unchanged one {same / 1e3:.1f} kB, "
                f"{again.cpu:.2f} CPU s and {again.wall:.2f} wall s, of that ImageTool {itself.cpu:.3f} "
                f"and {itself.wall:.3f}")
    report.mark("bytes after one changed line", rows[0][1], 100, "kB")
    report.mark("CPU of the unchanged verb", again.cpu, 1.3, "s")
    report.mark("CPU of ImageTool, unchanged", itself.cpu, 0.05, "s")
    report.mark("wall time of ImageTool, unchanged", itself.wall, 0.05, "s")
    remove(package)
