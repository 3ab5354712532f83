"""An image in docker-registry goes above a base of 2 GiB of the same registry. Peer: a push anew."""
from measuring import bases, imagetool, inputs, report
from measuring.registries import DockerRegistry
from measuring.workplace import WORK, apart, folder, median, need_disk, remove, run


def measure(quick):
    size = 200 << 20 if quick else 2 << 30
    report.title(f"rebase: onto a base of {size >> 20} MiB in the same docker-registry")
    need_disk(2.5 * size)
    source = folder("rebased")
    inputs.static_program(source / "program")
    imagetool.describe(source)
    with DockerRegistry("registry") as registry:
        apart(bases.push, registry, "benchmark/old", [1_000_000])
        apart(bases.push, registry, "benchmark/new", [1_000_000, size])
        old, new = (f"{registry.address}/benchmark/{name}:latest" for name in ("old", "new"))
        imagetool.push(source, registry, base=old)
        image = f"{registry.address}/benchmark/ours:program_default"

        def rebase(base, tag):
            return run([imagetool.path(), "rebase", image, "--base", base, "--tag", tag], source,
                       XDG_CACHE_HOME=WORK / "cache")

        registry.forget()
        cost = rebase(new, "first")
        requests = registry.requests()
        again = median(lambda: rebase(new, "first"), 3)
        pushed = median(lambda: imagetool.push(source, registry, repository="benchmark/pushed", base=new), 3)
    report.figures(["CPU s", "wall s", "peak MiB"], [
        (name, each.cpu, each.wall, each.rss / 2**20)
        for name, each in [("ours", cost), ("ours, again", again), ("push, unchanged program", pushed)]])
    moved = sum(request.bytes for request in requests if request.kind == "GET blobs")
    report.note(f"{len(requests)} requests, {moved} bytes of blobs read: "
                + ", ".join(sorted({request.kind for request in requests})))
    report.mark("wall", cost.wall, 0.3, "s")
    report.mark("bytes of blobs read (configurations)", moved, 10_000, "")
    remove(source)
