"""Other tools that make an image of a folder and push it. Each makes one layer, and takes no base."""
import shutil

from .workplace import WORK, folder, run


class UmociSkopeo:
    name = "umoci + skopeo"
    programs = ["umoci", "skopeo"]

    def __init__(self, place):
        self.layout = WORK / place / "layout"

    def build_and_push(self, source, registry):
        folder(self.layout.parent.relative_to(WORK))
        image = f"{self.layout}:latest"
        return (
            run(["umoci", "init", "--layout", self.layout]) + run(["umoci", "new", "--image", image])
            + run(["umoci", "insert", "--image", image, source, "/sematic"]) + self.push(registry))

    def push(self, registry):
        return run(["skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"oci:{self.layout}:latest",
                    f"docker://{registry.address}/benchmark/umoci:latest"])

    def again(self, source, registry):
        """Nothing tells umoci that nothing changed: the push alone."""
        return self.push(registry)


class Buildah:
    """As root, without a daemon; nothing is kept outside of the work folder."""
    name = "buildah build + push"
    programs = ["buildah"]

    def __init__(self, place):
        self.place = place
        store = WORK / place
        self.tool = [
            "buildah", "--storage-driver", "vfs", "--root", store / "root", "--runroot", store / "run"]

    def build_and_push(self, source, registry):
        folder(self.place)
        return self.again(source, registry)

    def again(self, source, registry):
        recipe, image = WORK / self.place / "Containerfile", f"{registry.address}/benchmark/{self.programs[0]}:latest"
        recipe.write_text("FROM scratch\nCOPY . /sematic/\n")
        build = [*self.tool, "build", "--isolation", "chroot", "--layers", "--quiet", "--file", recipe, "--tag", image]
        return run([*build, source]) + run([*self.tool, "push", "--quiet", "--tls-verify=false", image])


class Podman(Buildah):
    name = "podman build + push"
    programs = ["podman"]

    def __init__(self, place):
        super().__init__(place)
        store = WORK / place
        self.tool = [
            "podman", "--storage-driver", "vfs", "--root", store / "root", "--runroot", store / "run",
            "--tmpdir", store / "tmp", "--cgroup-manager", "cgroupfs"]


class Archive:
    """What every tool has to do at least once: read and compress. Nothing is pushed."""
    programs = ["tar", "gzip"]

    def __init__(self, place, level):
        self.file, self.level = WORK / f"{place}.tar.gz", level
        self.name = f"tar | gzip -{level}, nothing pushed"

    def build_and_push(self, source, registry=None):
        script = f'tar -C "$1" -cf - . | gzip -{self.level} > "$2"'
        cost = run(["sh", "-c", script, "sh", source, self.file])
        self.size = self.file.stat().st_size
        self.file.unlink()
        return cost


IMAGE_TOOLS = [UmociSkopeo, Buildah, Podman]


def present(tools):
    """Those whose programs are there, and the names of the programs that are not."""
    absent = [program for tool in tools for program in tool.programs if not shutil.which(program)]
    return [tool for tool in tools if all(map(shutil.which, tool.programs))], absent
