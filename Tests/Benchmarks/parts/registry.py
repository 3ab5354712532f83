"""A small program on a base of 2 GB: to the base's own registry, to another one, and to disk.

Peer: skopeo, which copies the base alone.
"""
import shutil

from measuring import bases, imagetool, inputs, report
from measuring.registries import DockerRegistry
from measuring.workplace import apart, folder, need_disk, remove, run


def measure(quick):
    report.title("registry: a small program on a base of 2 GB that is in a docker-registry")
    need_disk(10e9)
    source, plain = folder("registry"), ["--src-tls-verify=false", "--dest-tls-verify=false"]
    inputs.static_program(source / "program")

    def skopeo(*words):
        return run(["skopeo", "copy", "--quiet", *words]) if shutil.which("skopeo") else None

    def rows(name, ours, peer):
        print(name)
        table = [("  ours", ours.cpu, ours.wall, ours.rss / 2**20)]
        if peer:
            table.append(("  skopeo, the base alone", peer.cpu, peer.wall, peer.rss / 2**20))
        report.figures(["CPU s", "wall s", "peak MiB"], table)

    with DockerRegistry("first") as first, DockerRegistry("second") as second, DockerRegistry("third") as third:
        apart(bases.push, first, "team/base", [256 << 20] * 8)
        base = f"{first.address}/team/base:latest"
        before = first.size()
        ours = imagetool.push(source, first, repository="app", base=base)
        rows("to the base's registry", ours, None)
        report.mark("wall time", ours.wall, 0.3, "s")
        report.note(f"{(first.size() - before) / 1e6:.2f} MB came to it")
        ours = imagetool.push(source, second, repository="app", base=base)
        rows("to another registry", ours, skopeo(*plain, f"docker://{base}", f"docker://{third.address}/app:latest"))
        report.mark("CPU", ours.cpu, 4.1, "s")
        report.mark("peak memory", ours.rss / 2**20, 64, "MiB")
        remove(second.root / "data"), remove(third.root / "data")
        ours = imagetool.image("build", source, "--output", source / "ours", base=base)
        remove(source / "ours")
        rows("to a layout on disk", ours, skopeo(plain[0], f"docker://{base}", f"oci:{source / 'theirs'}:latest"))
        report.mark("peak memory", ours.rss / 2**20, 64, "MiB")
    report.missing([] if shutil.which("skopeo") else ["skopeo"])
    remove(source)
