"""ImageTool check on layers that grow: files, hard links through links, deep paths. Each may cost what it adds.

CPU time and memory must grow linearly or slower; otherwise the exit status is 1.
"""
import hashlib, io, json, tarfile

from measuring import imagetool, report
from measuring.growth import Verdict
from measuring.workplace import WORK, apart, folder, median, run

RULES = ["sources", "pushed", "entrypoint", "python", "home", "sematic-bin-writable", "sematic-bin-on-path", "platform",
         "interpreter", "c-library", "libraries", "certificates", "tmp"]
KINDS = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE}
# In CPU seconds and MiB.
NOISE_CPU, NOISE_MEMORY = 0.05, 4


def files(count):
    return [[("file", f"data/{number // 1000}/{number}", "") for number in range(count)]]


def hard_links(count):
    """Seven layers: each hard link of one leads through a chain of links that the hard links below have made."""
    after = [f"s{number + 1}" if number % 30 < 29 and number + 1 < count else "d" for number in range(count)]
    base = [("folder", "d", "")]
    for number, name in enumerate(after):
        base += [("link", f"s{number}", name), ("link", f"d/t{number}", "/" + name)]
    return [base] + [[("hard link", f"s{number}", f"s0/t{number}") for number in range(count)] for _ in range(6)]


def deep_paths(count):
    """Folders that no entry describes, 30 above each file. What one path may cost is bounded by its 4,096 bytes."""
    return [[("file", f"{number}/" + "d/" * 30 + "f", "") for number in range(count)]]


def layout(place, layers):
    """An image of these layers, uncompressed, in a layout."""
    (place / "blobs/sha256").mkdir(parents=True)

    def blob(content, kind):
        name = hashlib.sha256(content).hexdigest()
        (place / "blobs/sha256" / name).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{name}", "size": len(content)}

    found = []
    for entries in layers:
        with tarfile.open(fileobj=(archive := io.BytesIO()), mode="w", format=tarfile.PAX_FORMAT) as tar:
            for kind, name, target in entries:
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname, entry.mode = KINDS[kind], target, 0o755
                tar.addfile(entry)
        found.append(blob(archive.getvalue(), "layer.v1.tar"))
    settings = {"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/s0"]},
                "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in found]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": blob(json.dumps(settings).encode(), "config.v1+json"), "layers": found}
    index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode(), "manifest.v1+json")]}
    (place / "index.json").write_text(json.dumps(index))
    (place / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')


def check(place):
    folder("cache")
    waived = [word for rule in RULES for word in ("--waive", rule)]
    return run([imagetool.path(), "check", f"oci:{place}", *waived], place, XDG_CACHE_HOME=WORK / "cache")


AXES = [("files of a layer", files, [25_000, 50_000, 100_000, 200_000]),
        ("hard links through links, in 7 layers", hard_links, [250, 500, 1000, 2000]),
        ("paths with 30 folders each", deep_paths, [1000, 2000, 4000, 8000])]


def measure(quick):
    report.title("check: layers that grow")
    passed = True
    for name, make, amounts in AXES:
        report.note(name)
        rows = []
        for amount in amounts[:3] if quick else amounts:
            place = folder("layout")
            # Apart: the peak memory of what is measured begins with this program's own.
            apart(lambda: layout(place, make(amount)))
            cost = median(lambda: check(place), 1 if quick else 3)
            rows.append((amount, cost.cpu, cost.rss / 2**20))
            print(f"  {amount:>10,} {cost.cpu:9.2f} CPU s {cost.rss / 2**20:8.1f} MiB", flush=True)
        for what, at, noise, unit in (("CPU time", 1, NOISE_CPU, "s"), ("memory", 2, NOISE_MEMORY, "MiB")):
            verdict = Verdict([(row[0], row[at]) for row in rows], noise, unit)
            report.note(f"{what}: {verdict.text}")
            passed &= verdict.holds
    return passed
