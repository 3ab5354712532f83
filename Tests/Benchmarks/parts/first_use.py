"""The first `swift package build-image` in a fresh folder, one unchanged, and one after a changed line.

The package has one executable, a hello world. From source with the share of each dependency, and with a release's ImageTool, which is compiled already. Dependencies
are fetched before. Peer: a plugin whose tool has the package graph of apple/swift-container-plugin and does nothing.
"""
import re

from measuring import packages, report
from measuring.workplace import ROOT, Failure, median, remove, run

OURS = ["swift", "package", "--disable-sandbox", "build-image"]
PEER = ["swift", "package", "--disable-sandbox", "verb"]


def modules():
    """Those of ImageTool, in the order of Package.swift, so that each is built when what it needs is there."""
    names = re.findall(r'\.target\(\s*name: "(C?Sematic\w*)"', (ROOT / "Package.swift").read_text())
    return [name for name in names if name != "Sematic"]


def shares():
    """CPU seconds of each part of a first use, built one after the other in a folder of their own.

    What SwiftPM takes to find that a target is up to date is taken off each step: it is counted once.
    """
    checkout = packages.sources("shares")

    def target(name):
        return ["swift", "build", "--target", name]

    run(["swift", "package", "describe"], checkout)
    steps = [("swift-argument-parser", target("ArgumentParser")), ("Yams", target("Yams"))]
    steps += [(name, target(name)) for name in modules()]
    steps += [("ImageTool and linking", ["swift", "build", "--product", "ImageTool"])]
    costs = []
    for name, command in steps:
        cost = run(command, checkout).cpu
        again = run(command, checkout).cpu
        costs.append((name, max(0, cost - again)))
    costs.append(("the plugin", run(target("BuildImage"), checkout).cpu - run(target("BuildImage"), checkout).cpu))
    remove(checkout)
    user = packages.hello("user")
    build = ["swift", "build", "-c", "release", "--product", "Hello"]
    costs.append(("the user's own program, release", max(0, run(build, user).cpu - run(build, user).cpu)))
    remove(user)
    return costs


def uses(name, command, folder, **variables):
    """What is waited for in a fresh folder, and afterwards."""
    first = run(command, folder, **variables)
    again = median(lambda: run(command, folder, **variables))
    source = next(path for path in sorted(folder.glob("Sources/*/*.swift")) if "print(" in path.read_text())
    source.write_text(source.read_text() + "\npublic func changed() { print(\"changed\") }\n")
    line = run(command, folder, **variables)
    return (name, first.cpu, first.wall, again.cpu, again.wall, line.cpu, line.wall), first, again


def measure(quick):
    report.title("first-use: swift package and everything that it starts")
    ours = packages.hello("hello")
    packages.fetch(ours)
    row, first, again = uses("ours, from source", OURS, ours)
    tool = next(ours.glob(".build/*/debug/ImageTool-tool"))
    own = [tool, "build", "--plugin-context", ours / ".build/plugins/BuildImage/outputs/context.json"]
    itself = median(lambda: run(own, ours), 5)
    nothing = median(lambda: run(["swift", "package", "describe"], ours))
    rows = [row]
    if not quick:
        run([ROOT / ".github/release/bundle"])
        bundle = ROOT / ".build/bundle/ImageTool.artifactbundle"
        user = packages.hello("released")
        row, released, unchanged = uses("ours, released", OURS, user, SEMATIC_IMAGE_TOOL=bundle)
        rows.append(row)
        compiled = median(lambda: run([next(bundle.glob("*/ImageTool")), *own[1:]], ours), 5)
        remove(user)
        folder = packages.peer("peer")
        try:
            packages.fetch(folder)
            row, other, repeated = uses("swift-crypto's package graph", PEER, folder)
            rows.append(row)
        except Failure as failure:
            other = None
            report.note(f"missing: the peer's package graph cannot be built here: {str(failure)[-600:]}")
        remove(folder)
    report.figures(["first CPU", "wall s", "again CPU", "wall s", "line CPU", "wall s"], rows)
    report.note(f"of the unchanged verb: ImageTool itself {itself.cpu:.3f} CPU s, {itself.wall:.3f} wall s; "
                f"swift package describe alone {nothing.cpu:.2f} CPU s")
    if not quick:
        report.mark("CPU, first use, released", released.cpu, 4.5, "s")
        report.mark("CPU, unchanged, released", unchanged.cpu, 0.75, "s")
        report.mark("CPU of ImageTool, unchanged, released", compiled.cpu, 0.03, "s")
        if other:
            report.mark("first use, released, by the peer's", released.cpu / other.cpu, 0.02, "")
            report.mark("unchanged, released, by the peer's", unchanged.cpu / repeated.cpu, 0.07, "")
    report.mark("CPU, first use", first.cpu, 45, "s")
    report.mark("CPU, unchanged", again.cpu, 1.3, "s")
    report.mark("CPU of ImageTool, unchanged", itself.cpu, 0.05, "s")
    remove(ours)
    if quick:
        return
    report.note("shares of a first use")
    costs = shares()
    costs.append(("SwiftPM's planning, and all else", first.cpu - sum(cost for _, cost in costs)))
    for name, cost in costs:
        print(f"{name:<{report.WIDTH}}{cost:>10.2f} CPU s {cost / first.cpu:>6.0%}", flush=True)
