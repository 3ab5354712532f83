import SematicConfiguration
import SematicOCI
import Testing

struct OverridesTests {
  private static let file = settings(
    "registry: ghcr.io/acme\nrepository: pipelines\nbase: worker-base\nbases: {gpu: worker-cuda}\n"
      + "env: {A: 1, B: 2}\ntags: [x]\nretries: 0")

  @Test func `The command line overrides scalars and appends lists`() throws {
    let package = try SamplePackage(Self.file)
    let pipeline = try package.pipeline(
      nil,
      Overrides(
        registry: "localhost:5000", repository: "r", bases: ["scratch", "arm=docker.io/arm64v8/debian:12"],
        environment: ["B=3", "C=", "D=a=b"], tags: ["y", "x", "y"], platform: "linux/x86_64", retries: "7",
        compression: "zstd:7"))
    #expect(pipeline.registry == .remote(host: "localhost:5000"))
    #expect(pipeline.repository == "r")
    #expect(pipeline.bases.map(\.tag) == ["default", "arm", "gpu"])
    #expect(pipeline.bases.map(\.written) == ["scratch", "docker.io/arm64v8/debian:12", "worker-cuda"])
    #expect(pipeline.environment == ["A": "1", "B": "3", "C": "", "D": "a=b"])
    #expect(pipeline.tags == ["x", "y"])
    #expect(pipeline.retries == 7)
    #expect(pipeline.platform == Platform(architecture: "amd64"))
    #expect(pipeline.compression == LayerCompression(.zstd, level: 7))
    #expect(try package.pipeline().compression == .gzip)
  }

  @Test func `A registry of the command line leaves the file's repository without the file's path`() throws {
    let package = try SamplePackage(Self.file)
    #expect(try package.pipeline().repository == "acme/pipelines")
    #expect(try package.pipeline().retries == 0)
    #expect(try package.pipeline(nil, Overrides(registry: "local")).repository == "pipelines")
    #expect(try package.pipeline(nil, Overrides(registry: "quay.io/me")).repository == "me/pipelines")
  }

  @Test(arguments: [
    (
      Overrides(registry: "https://x.y"),
      "--registry: 'https://x.y' is not a registry: write the host without 'https://'"
    ),
    (
      Overrides(registry: "[::1]:5000"),
      "--registry: the registry '[::1]:5000' cannot be used: its '::' would break Sematic's list of images; "
        + "give it a host name"
    ),
    (
      Overrides(repository: "A"),
      "--repository: 'A' is not a repository: use a-z 0-9, single . _ or dashes between them, and / between folders"
    ),
    (Overrides(bases: [""]), "--base: '' has no value: write [TAG=]REFERENCE"),
    (Overrides(bases: ["gpu="]), "--base: 'gpu=' has no value: write [TAG=]REFERENCE"),
    (
      Overrides(bases: ["=x"]),
      "--base: '' is not a valid base tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"
    ),
    (Overrides(bases: ["scratch", "default=x"]), "--base: 'default' is given twice"),
    (
      Overrides(bases: ["oci:a=b"]),
      "--base: there is no OCI layout at 'a=b': it must be a folder with a file 'oci-layout'"
    ),
    (
      Overrides(bases: ["worker_base"]),
      "--base: there is no base 'worker_base': did you mean 'worker-base'?"
        + "\nhint: to use an image of that name from Docker Hub, write 'docker.io/library/worker_base'"
    ),
    (Overrides(environment: ["A"]), "--env: 'A' has no value: write NAME=VALUE"),
    (
      Overrides(environment: ["=x"]),
      "--env: '' is not a name for an environment variable: use A-Z a-z 0-9 _ . - (no digit first)"
    ),
    (Overrides(environment: ["A=1", "A=2"]), "--env: 'A' is given twice"),
    (
      Overrides(tags: ["a:b"]),
      "--tag: 'a:b' is not a valid tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"
    ),
    (Overrides(retries: "x"), "--retries: 'x' is not a number of retries: write a number from 0 (never retry) to 100"),
    (
      Overrides(platform: "amd64"),
      "--platform: 'amd64' is not a valid platform: expected os/architecture[/variant], for example linux/amd64"
    ),
  ])
  func `A mistake names its option`(_ overrides: Overrides, _ message: String) throws {
    #expect(try SamplePackage(Self.file).mistake(nil, overrides) == message)
  }
}
