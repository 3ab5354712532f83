"""What a thousand machines ask of one registry: requests, bytes and CPU seconds of each kind of push and pull.

capacity.md beside this program is written from these figures.
"""
import collections, os, shutil

from measuring import report
from measuring.registries import DockerRegistry
from measuring.sample import Sample
from measuring.workplace import Failure, remove

from .pulls import Node

MACHINES, NETWORK = 1000, 125e6


class Step:
    """What one kind of push or pull asks of the registry, as a mean of its repetitions."""

    def __init__(self, name, registry):
        self.name, self.registry, self.times = name, registry, 0
        self.totals, self.kinds = collections.Counter(), collections.Counter()

    def add(self, action):
        registry = self.registry
        registry.forget()
        size, cpu = registry.size(), registry.cpu()
        cost = action()
        requests = registry.requests()
        self.times += 1
        self.kinds.update(
            each.kind + (" of the base" if "/team/base/" in each.path else "") for each in requests)
        self.totals.update({
            "requests": len(requests), "in": registry.size() - size, "cpu": registry.cpu() - cpu, "client": cost.cpu,
            "out": sum(each.bytes for each in requests if each.method == "GET")})

    def mean(self, name):
        return self.totals[name] / self.times

    def print(self):
        print(f"{self.name:<28}{self.mean('requests'):>9.1f}{self.mean('in') / 1e6:>11.3f}"
              f"{self.mean('out') / 1e6:>11.3f}{1000 * self.mean('cpu'):>13.1f}{self.mean('client'):>13.2f}",
              flush=True)
        print("    " + ", ".join(f"{count / self.times:g} {kind}" for kind, count in sorted(self.kinds.items())))

    def thousand(self):
        """Seconds until a thousand of it are done, by the registry's CPU and by its network."""
        cpu = MACHINES * self.mean("cpu") / os.cpu_count()
        network = MACHINES * max(self.mean("in"), self.mean("out")) / NETWORK
        print(f"{self.name:<28}{MACHINES * self.mean('requests'):>9,.0f}{MACHINES * self.mean('in') / 1e9:>11.2f}"
              f"{MACHINES * self.mean('out') / 1e9:>11.2f}{cpu:>13.1f}{network:>13.1f}", flush=True)


def steps(registry, changes):
    """All kinds, in the order of a pipeline's life."""
    sample, node, image = Sample(registry), Node("node"), f"{Sample.repository}:WordCount_default"
    names = ["first push", "push, nothing changed", "push by another machine", "first pull", "pull, nothing changed",
             "push, one line changed", "pull, one line changed"]
    first, same, other, fetched, fresh, line, update = found = [Step(name, registry) for name in names]
    first.add(sample.push)
    for _ in range(4 * changes):
        same.add(sample.push)
    for _ in range(changes):
        remove(sample.package / ".build/swift-sematic")
        other.add(sample.push)
    fetched.add(lambda: node.pull(registry, image))
    for number in range(1, changes + 1):
        fresh.add(lambda: node.pull(registry, image))
        sample.change_line(number)
        line.add(sample.push)
        update.add(lambda: node.pull(registry, image))
    return found


def measure(quick):
    report.title("capacity: what one push or pull asks of a docker-registry")
    if not shutil.which("podman"):
        raise Failure("podman is not installed: Tests/install installs it")
    with DockerRegistry("registry") as registry:
        found = steps(registry, 2 if quick else 6)
    print(f"{'':<28}{'requests':>9}{'MB in':>11}{'MB out':>11}{'its CPU ms':>13}{'client CPU s':>13}", flush=True)
    for step in found:
        step.print()
    report.note(
        f"{MACHINES} of each, with {os.cpu_count()} cores for the registry and {NETWORK / 1e6:.0f} MB/s of network")
    print(f"{'':<28}{'requests':>9}{'GB in':>11}{'GB out':>11}{'CPU, wall s':>13}{'net, wall s':>13}", flush=True)
    for step in found:
        step.thousand()
