"""What a node fetches that has the last image, after each kind of change. Peers: one layer, by umoci and by buildah.

The node is podman with a store of its own; the registry counts the bytes that it serves.
"""
import shutil

from measuring import flattened, report
from measuring.registries import DockerRegistry
from measuring.sample import Sample
from measuring.workplace import WORK, Failure, folder, remove, run

CHANGES = [
    ("first pull", None), ("nothing", None), ("one line", Sample.change_line), ("a resource", Sample.change_resource),
    ("a data file of 15 bytes beside 20 MB", Sample.change_data), ("a requirement of 2 MB", Sample.change_requirements),
    ("the toolchain", Sample.change_toolchain),
]


class Node:
    def __init__(self, name):
        self.store = folder(name)

    def pull(self, registry, image):
        return run(["podman", "--storage-driver", "vfs", "--root", self.store / "root", "--runroot", self.store / "run",
             "--tmpdir", self.store / "tmp", "--cgroup-manager", "cgroupfs", "pull", "--quiet", "--tls-verify=false",
             f"{registry.address}/{image}"])

    def fetched(self, registry, image):
        """The bytes that the registry served for a pull."""
        registry.forget()
        self.pull(registry, image)
        return sum(request.bytes for request in registry.requests() if request.method == "GET")


def measure(quick):
    report.title("pulls: a node that has the last image, MB served by docker-registry after a change of")
    if not shutil.which("podman"):
        raise Failure("podman is not installed: Tests/install installs it")
    others, absent = flattened.present()
    names = ["ours", *others]
    print(f"{'':<{report.WIDTH}}" + "".join(f"{name:>12}" for name in names), flush=True)
    with DockerRegistry("registry") as registry:
        sample = Sample(registry)
        nodes = {name: Node(f"node-{name}") for name in names}
        for change, make in CHANGES:
            if make:
                make(sample)
            sample.push()
            served = {"ours": nodes["ours"].fetched(registry, f"{Sample.repository}:WordCount_default")}
            content = folder("content")
            flattened.unpack(registry, Sample.repository, "WordCount_default", content)
            for name, push in others.items():
                if make or change == "first pull":
                    push(registry, sample.base, content, f"team/{name}")
                served[name] = nodes[name].fetched(registry, f"team/{name}:latest")
            print(f"{change:<{report.WIDTH}}" + "".join(f"{served[name] / 1e6:>12.3f}" for name in names), flush=True)
        for name in nodes:
            remove(WORK / f"node-{name}")
    report.missing(absent)
