"""1 GB of mixed files, built and pushed to docker-registry, and again unchanged.

Files of /usr/share, of the toolchain, and random ones. Peers as for push.
"""
from measuring import imagetool, inputs, report
from measuring.workplace import apart, folder, need_disk, remove

from .push import against_peers


def measure(quick):
    report.title("mixed: 1 GB of mixed files to docker-registry")
    need_disk(6e9)
    source = folder("set-b")
    apart(inputs.set_b, source)
    imagetool.describe(source, "data")
    cost, *_ = against_peers(source, 1)
    report.mark("CPU, zlib", cost.cpu, 10.5, "s")
    remove(source)
