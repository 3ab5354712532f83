"""Base images that no tool has to make: layers of random bytes, put into a registry by its own protocol."""
import hashlib, http.client, json, platform, random, tarfile, zlib

CHUNK = 1 << 22


def archive(seed, size):
    """The parts of an archive of one file of random bytes. Only its first ones differ from other layers'."""
    entry = tarfile.TarInfo(f"opt/{seed}.bin")
    entry.size = size
    yield entry.tobuf(tarfile.GNU_FORMAT)
    yield random.Random(seed).randbytes(min(size, 4096))
    block, rest = random.Random(0).randbytes(min(CHUNK, size)), max(0, size - 4096)
    while rest:
        yield block[:rest]
        rest -= min(rest, len(block))
    yield bytes(-size % 512 + 1024)


def stored(parts):
    """The parts as gzip that compresses nothing: other tools compress what is not compressed."""
    gzip = zlib.compressobj(0, wbits=31)
    for part in parts:
        yield gzip.compress(part)
    yield gzip.flush()


def digest(parts):
    """The digest of all parts, and their bytes."""
    hasher, count = hashlib.sha256(), 0
    for part in parts:
        hasher.update(part)
        count += len(part)
    return f"sha256:{hasher.hexdigest()}", count


def upload(connection, repository, parts):
    """Parts are a function that makes them, as they are needed twice."""
    name, count = digest(parts())
    connection.request("POST", f"/v2/{repository}/blobs/uploads/", headers={"Content-Length": "0"})
    answer = connection.getresponse()
    answer.read()
    connection.request(
        "PUT", f"{answer.headers['Location']}&digest={name}", body=parts(),
        headers={"Content-Length": str(count), "Content-Type": "application/octet-stream"})
    expect(connection, 201)
    return {"digest": name, "size": count}


def expect(connection, status):
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != status:
        raise RuntimeError(f"the registry answered {answer.status}: {said[:200]}")


def push(registry, repository, sizes):
    """An image of one layer for each size in bytes, with the tag latest."""
    connection = http.client.HTTPConnection(registry.address)
    media, layers, diffs = "application/vnd.oci.image", [], []
    for seed, size in enumerate(sizes, 1):
        content = upload(connection, repository, lambda: stored(archive(seed, size)))
        layers.append({"mediaType": f"{media}.layer.v1.tar+gzip", **content})
        diffs.append(digest(archive(seed, size))[0])
    config = json.dumps({
        "architecture": architecture(), "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": diffs}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": f"{media}.manifest.v1+json", "layers": layers,
        "config": {"mediaType": f"{media}.config.v1+json", **upload(connection, repository, lambda: [config])}})
    connection.request(
        "PUT", f"/v2/{repository}/manifests/latest", body=manifest,
        headers={"Content-Type": f"{media}.manifest.v1+json"})
    expect(connection, 201)
    connection.close()
    return f"{registry.address}/{repository}:latest"


def architecture():
    """As images call this machine's."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "amd64"
