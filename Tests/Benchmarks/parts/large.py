"""A layer of 2 GiB that does not compress well. Peer: umoci and skopeo."""
from measuring import imagetool, inputs, peers, report
from measuring.workplace import apart, folder, need_disk, remove

from .push import COLUMNS, fields, first_and_again


def measure(quick):
    report.title("large: a layer of 2 GiB to docker-registry")
    need_disk(9e9)
    source = folder("large")
    inputs.static_program(source / "program")
    apart(inputs.random_file, source / "model.bin", 2 << 30)
    imagetool.describe(source, "model.bin")
    cost, _, size = first_and_again(
        lambda registry: imagetool.push(source, registry), lambda registry: imagetool.push(source, registry), 1)
    rows = [("ours", *fields(cost, size))]
    tools, absent = peers.present([peers.UmociSkopeo])
    for tool in tools:
        peer = tool("peer")
        other, _, other_size = first_and_again(
            lambda registry: peer.build_and_push(source, registry), lambda registry: peer.again(source, registry), 1)
        rows.append((tool.name, *fields(other, other_size)))
        folder("peer")
    report.figures(COLUMNS, rows)
    report.missing(absent)
    report.mark("peak memory", cost.rss / 2**20, 64, "MiB")
    remove(source)
