"""What an image adds to its base as a folder, and the same as one layer above that base, by the peers."""
import json, shutil, tarfile, urllib.request

from .workplace import WORK, folder, run

ACCEPT = {"Accept": "application/vnd.oci.image.manifest.v1+json"}


def unpack(registry, repository, tag, into, base_layers=1):
    """Writes all files above the base's layers."""
    def get(path):
        address = f"http://{registry.address}/v2/{repository}/{path}"
        return urllib.request.urlopen(urllib.request.Request(address, headers=ACCEPT))

    with get(f"manifests/{tag}") as answer:
        layers = json.load(answer)["layers"]
    for layer in layers[base_layers:]:
        with get(f"blobs/{layer['digest']}") as answer, tarfile.open(fileobj=answer, mode="r|gz") as archive:
            archive.extractall(into)


def umoci(registry, base, content, repository):
    layout = folder("umoci") / "layout"
    run(["skopeo", "copy", "--quiet", "--src-tls-verify=false", f"docker://{base}", f"oci:{layout}:latest"])
    for part in sorted(content.iterdir()):
        run(["umoci", "insert", "--image", f"{layout}:latest", part, f"/{part.name}"])
    run(["skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"oci:{layout}:latest",
         f"docker://{registry.address}/{repository}:latest"])


def buildah(registry, base, content, repository):
    place = WORK / "buildah"
    place.mkdir(exist_ok=True)
    tool = ["buildah", "--storage-driver", "vfs", "--root", place / "root", "--runroot", place / "run"]
    (place / "Containerfile").write_text(f"FROM {base}\nCOPY . /\n")
    image = f"{registry.address}/{repository}:latest"
    run([*tool, "build", "--tls-verify=false", "--isolation", "chroot", "--layers", "--quiet", "--file",
         place / "Containerfile", "--tag", image, content])
    run([*tool, "push", "--quiet", "--tls-verify=false", image])


PEERS = {
    "umoci": (umoci, ["umoci", "skopeo"]),
    "buildah": (buildah, ["buildah"]),
}


def present():
    """The peers that are there, and the names of those that are not."""
    here = {name: push for name, (push, programs) in PEERS.items() if all(map(shutil.which, programs))}
    return here, [name for name in PEERS if name not in here]
