"""docker-registry on loopback, which counts what it is asked."""
import collections, json, os, pathlib, re, socket, time, urllib.request

from .workplace import Failure, folder, remove, size, start, stop

LINE = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d+) (?P<bytes>\d+)')


class Request(collections.namedtuple("Request", "method path status bytes")):
    """One line of the access log; the bytes are the answer's."""

    @property
    def kind(self):
        path = re.sub(r"\?.*", "", self.path)
        if path == "/v2/":
            return f"{self.method} /v2/"
        place = "uploads" if "/uploads/" in path else "blobs" if "/blobs/" in path else "manifests"
        if place == "uploads" and "mount=" in self.path and self.status == "201":
            return "POST mount"
        return f"{self.method} {place}" + (" (not there)" if self.status == "404" else "")


class DockerRegistry:
    def __init__(self, name):
        self.root = folder(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        settings = {
            "version": "0.1", "log": {"level": "error", "accesslog": {"disabled": False}},
            "http": {"addr": self.address, "secret": "not-a-secret"},
            "storage": {"filesystem": {"rootdirectory": str(self.root / "data")}}}
        (self.root / "config.yml").write_text(json.dumps(settings))
        with open(self.root / "log", "wb") as log:
            self.process = start(["docker-registry", "serve", self.root / "config.yml"], output=log)
        for _ in range(400):
            try:
                urllib.request.urlopen(f"http://{self.address}/v2/").close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise Failure("docker-registry did not start")
        self.forget()

    def size(self):
        return size(self.root / "data")

    def forget(self):
        """Begins a new count of requests."""
        time.sleep(0.1)
        self.start = (self.root / "log").stat().st_size

    def requests(self):
        time.sleep(0.1)
        with open(self.root / "log", encoding="utf8") as log:
            log.seek(self.start)
            found = [LINE.search(line) for line in log]
        return [Request(each["method"], each["path"], each["status"], int(each["bytes"])) for each in found if each]

    def cpu(self):
        """CPU seconds of the server so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)
        remove(self.root)
