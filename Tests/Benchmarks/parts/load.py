"""An image that is built already goes into podman, then again after one file has changed. Peer: podman load of the same archive."""
from measuring import imagetool, inputs, report
from measuring.workplace import WORK, apart, folder, median, remove, run

COLUMNS = ["CPU s", "wall s", "peak MiB"]


class Store:
    """An empty podman of its own."""

    def __init__(self):
        self.place = folder("store")
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

    def changed(command):
        def cost():
            store = Store()
            store.run(peer)
            return store.run(command, source)
        return cost

    with open(next((source / "data").iterdir()), "ab") as file:
        file.write(b"changed")
    peer_again = archive(source, "second.tar")
    again = [
        ("ours, one file changed", median(changed(ours), runs)),
        ("podman load, one file changed", median(changed(peer_again), runs))]
    for table in (rows, again):
        report.figures(COLUMNS, [(name, cost.cpu, cost.wall, cost.rss / 2**20) for name, cost in table])
    report.mark("CPU by podman load's", rows[0][1].cpu / rows[1][1].cpu, 1.0, "")
    report.mark("CPU by podman load's, one file changed", again[0][1].cpu / again[1][1].cpu, 1.0, "")
    remove(source)
