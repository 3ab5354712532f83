"""Clients that stall while others push and pull: errors, CPU, memory, longest wait of a bystander. Peer: docker-registry.

All clients are threads and sockets of this program, on loopback: the same for both servers.
"""
import concurrent.futures, hashlib, http.client, json, multiprocessing, os, pathlib, re, resource, socket, time

from measuring import imagetool, report
from measuring.registries import DockerRegistry
from measuring.workplace import Failure, folder, remove, start, stop

LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
PUSHES, PULLS, STALLED, HALVES = 50, 200, 500, 500


class EmbeddedRegistry:
    """ImageTool registry, as a process of its own."""

    def __init__(self, name):
        self.root = folder(name)
        with open(self.root / "log", "wb") as log:
            self.process = start(
                [imagetool.path(), "registry", "--root", self.root / "data", "--port", "0"], output=log)
        for _ in range(400):
            if found := re.search(r"^[\d.]+:\d+$", (self.root / "log").read_text(), re.MULTILINE):
                self.address = found[0]
                return
            time.sleep(0.05)
        raise Failure("ImageTool registry did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)
        remove(self.root)


def usage(process):
    """CPU seconds and peak memory in bytes of a process so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    peak = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1]
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak) * 1024


class Client:
    """One connection, and a new one after an error that a client may retry."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def call(self, method, target, body=None, wanted=(200, 201, 202), **headers):
        self.connection.request(
            method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status not in wanted:
            raise OSError(f"{method} {target}: {answer.status} {content[:200]}")
        return answer, content

    def blob(self, repository, content):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        place = self.call("POST", f"/v2/{repository}/blobs/uploads/", b"")[0].headers["Location"]
        place = re.sub(r"^https?://[^/]+", "", place)
        mark = "&" if "?" in place else "?"
        self.call("PUT", f"{place}{mark}digest={digest}", content, Content_Type="application/octet-stream")
        return {"digest": digest, "size": len(content)}

    def push(self, repository, tag, layer):
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": CONFIG, **self.blob(repository, b"{}")},
            "layers": [{"mediaType": LAYER, **self.blob(repository, layer)}]})
        self.call("PUT", f"/v2/{repository}/manifests/{tag}", manifest.encode(), Content_Type=MANIFEST)

    def pull(self, repository, tag):
        manifest = json.loads(self.call("GET", f"/v2/{repository}/manifests/{tag}", Accept=MANIFEST)[1])
        for part in [manifest["config"], *manifest["layers"]]:
            content = self.call("GET", f"/v2/{repository}/blobs/{part['digest']}")[1]
            if hashlib.sha256(content).hexdigest() != part["digest"][7:]:
                raise OSError(f"{part['digest']} is damaged")


class Bystander:
    """A process of its own that asks for /v2/ on new connections, and remembers the longest wait."""

    def __init__(self, address):
        self.address, self.over = address, multiprocessing.Event()
        self.longest, self.errors = multiprocessing.Value("d"), multiprocessing.Value("i")
        self.process = multiprocessing.Process(target=self.run, daemon=True)
        self.process.start()

    def run(self):
        # Ahead of the other clients: what is measured is the server.
        os.nice(-5) if os.geteuid() == 0 else None
        while not self.over.wait(0.05):
            began = time.monotonic()
            try:
                Client(self.address).call("GET", "/v2/")
            except (OSError, http.client.HTTPException):
                self.errors.value += 1
            self.longest.value = max(self.longest.value, time.monotonic() - began)

    def stop(self):
        """Requests that failed, and seconds of the longest wait."""
        self.over.set()
        self.process.join()
        return self.errors.value, self.longest.value


def stalled(address, count, request):
    """Connections that send some bytes, and do nothing more."""
    host, _, port = address.rpartition(":")
    found = []
    for _ in range(count):
        client = socket.create_connection((host, int(port)), timeout=60)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(request)
        found.append(client)
    return found


def attempt(action, address, *arguments):
    try:
        getattr(Client(address), action)(*arguments)
        return 0
    except (OSError, http.client.HTTPException, ValueError):
        return 1


def load(server, scale):
    """The figures of one server: see the columns."""
    address = server.address
    big = os.urandom(1 << 20) * 32
    Client(address).push("big", "latest", big)
    digest = "sha256:" + hashlib.sha256(big).hexdigest()
    bystander = Bystander(address)
    before, began = usage(server.process)[0], time.monotonic()
    held = stalled(address, STALLED // scale, f"GET /v2/big/blobs/{digest} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    held += stalled(address, HALVES // scale, f"GET /v2/ HTTP/1.1\r\nHost: {address}\r\nAcc".encode())
    Client(address).push("shared", "latest", os.urandom(1 << 20))
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        work = [
            pool.submit(attempt, "push", address, f"team/app{n % 5}", f"v{n}", os.urandom(1 << 20))
            for n in range(PUSHES // scale)]
        work += [pool.submit(attempt, "pull", address, "shared", "latest") for _ in range(PULLS // scale)]
        errors = sum(each.result() for each in work)
    elapsed = time.monotonic() - began
    failed, longest = bystander.stop()
    cpu, peak = usage(server.process)
    for client in held:
        client.close()
    return [errors + failed, cpu - before, peak / 2**20, longest, elapsed]


def measure(quick):
    scale = 10 if quick else 1
    report.title(
        f"fairness: {STALLED // scale} clients that do not read, {HALVES // scale} half requests, "
        f"{PUSHES // scale} pushes, {PULLS // scale} pulls")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    imagetool.path()
    with EmbeddedRegistry("embedded") as server:
        ours = load(server, scale)
    with DockerRegistry("docker") as server:
        peer = load(server, scale)
    report.figures(
        ["errors", "CPU s", "peak MiB", "wait s", "wall s"], [("embedded registry", *ours), ("docker-registry", *peer)])
    report.mark("errors", ours[0], 0, "")
    report.mark("longest wait of a bystander", ours[3], 1, "s")
    report.mark("peak memory", ours[2], 64, "MiB")
    return ours[0] == 0 and ours[3] <= 1 and ours[2] <= 64
