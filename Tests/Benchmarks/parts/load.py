"""An image that is built already goes into podman, then again after one file has changed. Peer: podman load of the same archive."""
import shutil

from measuring import imagetool, inputs, report
from measuring.workplace import WORK, apart, folder, median, remove, run

COLUMNS = ["CPU s", "wall s", "peak MiB"]


class Store:
    """An empty podman of its own."""

    def __init__(self):
        self.place = folder("store")
        # What it remembers of another store is no help.
        remove(WORK / "cache/swift-sematic/listings/loaded")
        self.settings = self.place / "storage.conf"
        self.settings.write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{self.place}/root"\nrunroot = "{self.place}/run"\n')

    def run(self, command, cwd=None):
        return run(command, cwd, CONTAINERS_STORAGE_CONF=self.settings, XDG_CACHE_HOME=WORK / "cache")


def build(source, *options):
    return [imagetool.path(), "build", "--executable", source / "program", "--base", "scratch", *options, *imagetool.more]


def archive(source, name):
    run(build(source, "--format", "oci-archive", "--output", WORK / name), source, XDG_CACHE_HOME=WORK / "cache")
    return ["podman", "load", "--quiet", "--input", WORK / name]


def measure(quick):
    report.title("load: 90 MB executable and 200 files into podman")
    source, runs = folder("set-a"), 1 if quick else 5
    apart(inputs.set_a, source)
    imagetool.describe(source, "data/*")
    peer = archive(source, "first.tar")
    ours = build(source, "--load-into", "podman")
    rows = [
        ("ours", median(lambda: Store().run(ours, source), runs)),
        ("podman load", median(lambda: Store().run(peer), runs))]

    second = WORK / "set-b"
    shutil.copytree(source, second)
    with open(next((second / "data").iterdir()), "ab") as file:
        file.write(b"changed")

    def again(before, command, folder):
        def cost():
            store = Store()
            store.run(before, source)
            return store.run(command, folder)
        return median(cost, runs)

    # Its layers are in the cache then.
    peer_second = archive(second, "second.tar")
    changed = [
        ("ours, one file changed", again(ours, build(second, "--load-into", "podman"), second)),
        ("podman load, one file changed", again(peer, peer_second, second))]
    for table in (rows, changed):
        report.figures(COLUMNS, [(name, cost.cpu, cost.wall, cost.rss / 2**20) for name, cost in table])
    report.mark("CPU by podman load's", rows[0][1].cpu / rows[1][1].cpu, 1.0, "")
    report.mark("CPU by podman load's, one file changed", changed[0][1].cpu / changed[1][1].cpu, 1.0, "")
    remove(source)
    remove(second)
