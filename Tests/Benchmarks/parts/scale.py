"""Cost against work, as a table and a plot: bytes, files, layers, images and bases, from small to large.

CPU time must grow linearly or slower with each, and memory not at all with bytes: otherwise the exit status is 1.
Writes scale.md and scale.svg beside this program, or with --quick into .build/benchmark.
"""
import os, platform

from measuring import axes, plot, report
from measuring.growth import Verdict
from measuring.workplace import ROOT, folder

# In CPU seconds and MiB. What must stay flat may differ by the buffers of parallel uploads.
NOISE_CPU, NOISE_MEMORY, FLAT_MEMORY = 0.03, 1.5, 12.0
COLOURS = {"CPU s": "#1f5fa8", "peak MiB": "#b3541e"}


def cheapest(push):
    """The least of three, or one where it takes long: other work on the machine only ever adds."""
    costs = []
    while not costs or (len(costs) < 3 and sum(cost.wall for cost in costs) < 15):
        folder("cache")
        costs.append(push(f"scale/{len(costs)}"))
    return min(cost.cpu for cost in costs), min(cost.wall for cost in costs), max(cost.rss for cost in costs) / 2**20


def amount(number, unit):
    if unit:
        for size, name in ((1 << 30, "GiB"), (1 << 20, "MiB")):
            if number % size == 0:
                return f"{number // size} {name}"
        for size, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
            if number >= size:
                return f"{number / size:.3g} {name}"
    return f"{number:,}"


def measured(axis, quick):
    amounts = axis.amounts[: axis.quick] if quick else axis.amounts
    rows = []
    for work, push in axis.pushes(amounts):
        rows.append((work, *cheapest(push)))
        print(f"  {amount(work, axis.unit):>10} {rows[-1][1]:9.2f} CPU s {rows[-1][2]:8.2f} wall s "
              f"{rows[-1][3]:8.1f} MiB", flush=True)
    verdicts = [
        ("CPU time", Verdict([(row[0], row[1]) for row in rows], NOISE_CPU, "s")),
        ("memory", Verdict([(row[0], row[3]) for row in rows], NOISE_MEMORY, "MiB",
                           FLAT_MEMORY if axis.constant_memory else None))]
    for name, verdict in verdicts:
        report.note(f"{name}: {verdict.text}")
    return rows, verdicts


def panels(axis, rows):
    ticks = [(row[0], amount(row[0], axis.unit)) for row in rows]
    return [plot.Panel(axis.name, [(row[0], max(row[at], 0.001)) for row in rows], ticks, unit, COLOURS[unit])
            for at, unit in ((1, "CPU s"), (3, "peak MiB"))]


def table(axis, rows, verdicts):
    lines = [f"\n## {axis.name[0].upper()}{axis.name[1:]}\n"]
    lines += ["| | CPU s | peak MiB |", "|---:|---:|---:|"]
    lines += [f"| {amount(work, axis.unit)} | {cpu:.2f} | {rss:.0f} |" for work, cpu, _, rss in rows]
    lines += ["", *(f"- {name}: {verdict.text}" for name, verdict in verdicts)]
    return lines


HEAD = """# Cost against work

What `ImageTool push` takes, from nothing cached, of a small static program with more and more of one thing, to a
docker-registry on loopback. Written by `Tests/Benchmarks/run scale`, on {cores} cores ({machine}), with the ImageTool
that users get, a debug build. The power is the slope in a log-log plot of what comes on top of the smallest one's cost:
1 is linear. The dashed line in the plot is linear growth up to the last point. The first three have no base.

![CPU seconds and peak memory against work](scale.svg)"""


def measure(quick):
    report.title("scale: cost of a push against work")
    target = ROOT / (".build/benchmark" if quick else "Tests/Benchmarks")
    target.mkdir(parents=True, exist_ok=True)
    lines = [HEAD.format(cores=os.cpu_count(), machine=platform.machine())]
    drawn, holds = [], True
    for axis in axes.AXES:
        print(axis.name, flush=True)
        rows, verdicts = measured(axis, quick)
        lines += table(axis, rows, verdicts)
        drawn.append(panels(axis, rows))
        holds = holds and all(verdict.holds for _, verdict in verdicts)
    (target / "scale.md").write_text("\n".join(lines) + "\n")
    ordered = [pair[kind] for start in range(0, len(drawn), 3) for kind in (0, 1) for pair in drawn[start : start + 3]]
    caption = "blue: CPU seconds, brown: peak memory in MiB, dashed: linear growth to the last point; logarithmic axes"
    (target / "scale.svg").write_text(plot.page(ordered, 3, caption))
    report.note(f"written: {target}/scale.md, {target}/scale.svg")
    return holds
