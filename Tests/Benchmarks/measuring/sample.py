"""A pipeline with all that an image can hold: a program, its resources, data, Python packages, and Swift's runtime."""
import json, random, shutil

from . import bases, imagetool, inputs, packages, wheel
from .workplace import WORK, apart, run

SETTINGS = """\
version: 1
pipelines:
  WordCount:
    base: measured
    insecure: true
    requirements: requirements.txt
    data: [data/*]
"""


class Sample:
    """The starter package above a base of 20 MB in the registry, with a model of 20 MB and a wheel of 2 MB.

    Its runtime libraries are a copy of the toolchain's, so that they can change.
    """
    repository = "team/word-count"

    def __init__(self, registry, name="sample"):
        self.registry = registry
        apart(bases.push, registry, "team/base", [20_000_000])
        self.base = f"{registry.address}/team/base:latest"
        self.package = packages.starter(name)
        self.runtime = WORK / f"{name}-toolchain/lib/swift/linux"
        shutil.copytree(inputs.toolchain() / "lib/swift/linux", self.runtime,
                        ignore=lambda _, names: [file for file in names if not file.endswith(".so")])
        (self.package / "sematic-bases").mkdir()
        (self.package / "sematic-bases/measured.json").write_text(json.dumps({
            "name": "measured", "reference": self.base, "platform": f"linux/{bases.architecture()}",
            "promises": {"python": "/usr/bin/python3", "pythonVersion": "3.11"}}))
        (self.package / "sematic.yaml").write_text(SETTINGS)
        (self.package / "data/model.bin").write_bytes(random.Random(1).randbytes(20_000_000))
        self.require("1.0")
        self.build()

    def build(self):
        run(["swift", "build", "-c", "release", "--product", "WordCount", "-Xswiftc", "-no-toolchain-stdlib-rpath",
             "-Xlinker", "-rpath", "-Xlinker", self.runtime], self.package)

    def push(self):
        return run(
            [imagetool.path(), "push", "--executable", self.package / ".build/release/WordCount", "--registry",
             self.registry.address, "--repository", self.repository, *imagetool.more], self.package)

    def require(self, version):
        line = wheel.write(self.package / "wheels", version)
        (self.package / "requirements.txt").write_text(f"--no-index\n--find-links wheels\n{line}\n")

    def change_line(self, number=1):
        packages.change_line(self.package, number)
        self.build()

    def change_resource(self):
        append(self.package / "Sources/WordCount/Resources/rain.txt", b"more rain\n")
        self.build()

    def change_data(self):
        append(self.package / "data/note.txt", b"one more note\n")

    def change_requirements(self):
        self.require("1.1")

    def change_toolchain(self):
        """Another compiler makes another program of the same source, too."""
        for library in self.runtime.glob("*.so"):
            append(library, b"changed")
        self.change_line(2)


def append(path, content):
    with open(path, "ab") as file:
        file.write(content)
