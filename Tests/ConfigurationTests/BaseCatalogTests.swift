import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicConfiguration

struct BaseCatalogTests {
  private static let mirror = """
    {"name": "NAME", "reference": "mirror.example.com/worker:1", "platform": "linux/arm64"}
    """

  private func base(_ text: String, in package: SamplePackage? = nil) throws -> BaseReference? {
    let package = try package ?? SamplePackage()
    return try package.pipeline(nil, Overrides(bases: [text])).bases.first
  }

  @Test func `Our own bases are pinned by the digests that Sematic's rules pin`() throws {
    let expected = [
      "worker-base": "sha256:e929213c8219562a48e82264569298e3ad79e97888e1e7521bd64587f37eceb3",
      "worker-cuda": "sha256:bea3926876a3024c33fe08e0a6b2c0377a7eb600d7b3061a3f3f39d711152e3c",
    ]
    for (name, digest) in expected {
      let base = try #require(try base(name))
      let reference = try ImageReference(
        registry: "docker.io", repository: "sematicai/sematic-worker-base", digest: Digest(digest))
      #expect(base.source == .registry(reference))
      #expect(base.descriptor?.name == name)
      #expect(base.descriptor?.platform == Platform(architecture: "amd64"))
      #expect(base.descriptor?.promises.pythonPath == "/usr/bin/python3")
      #expect(base.descriptor?.promises.pythonVersion == "3.9")
      #expect(base.written == name)
    }
  }

  @Test(arguments: [
    ("debian", "docker.io/library/debian:latest"), ("debian:12", "docker.io/library/debian:12"),
    ("localhost:5000/a/b", "localhost:5000/a/b:latest"), ("[::1]:5000/a:x", "[::1]:5000/a:x"),
    (
      "ghcr.io/a/b:1@sha256:e929213c8219562a48e82264569298e3ad79e97888e1e7521bd64587f37eceb3",
      "ghcr.io/a/b:1@sha256:e929213c8219562a48e82264569298e3ad79e97888e1e7521bd64587f37eceb3"
    ),
  ])
  func `Any reference is a base`(_ text: String, _ expected: String) throws {
    let base = try base(text)
    #expect(base?.source == .registry(try ImageReference(expected)))
    #expect(base?.descriptor == nil)
    #expect(base?.written == text)
  }

  @Test func `Scratch is a base`() throws {
    #expect(try base("scratch")?.source == .scratch)
  }

  @Test func `A layout is found by its path in the package`() throws {
    let package = try SamplePackage(
      settings("base: oci:./build//base:v1"), files: ["build/base/oci-layout", "x:y/oci-layout"])
    let base = try package.pipeline().bases.first
    #expect(base?.source == .layout(path: package.folder.file("build/base"), reference: "v1"))
    #expect(base?.written == "oci:build/base:v1")
    let other = try package.pipeline(nil, Overrides(bases: ["oci:x:y/"])).bases.first
    #expect(other?.source == .layout(path: package.folder.file("x:y"), reference: nil))
  }

  @Test func `The command line may name a layout elsewhere, which stays out of the build configuration`() throws {
    let elsewhere = try TemporaryFolder("elsewhere")
    try elsewhere.write("base/oci-layout", "{}")
    let package = try SamplePackage()
    let pipeline = try package.pipeline(nil, Overrides(bases: ["oci:\(elsewhere.path)/base:v1"]))
    #expect(pipeline.bases.first?.source == .layout(path: elsewhere.file("base"), reference: "v1"))
    #expect(pipeline.bases.first?.written == "oci:base:v1")
    #expect(try !pipeline.buildConfiguration().contains(elsewhere.path))
  }

  @Test func `A descriptor of the package adds a name, or overrides one of ours`() throws {
    for name in ["worker-cuda", "my base"] {
      let package = try SamplePackage()
      let text = Self.mirror.replacing("NAME", with: name)
      try package.folder.write("sematic-bases/\(name).json", text)
      let base = try base(name, in: package)
      #expect(base?.source == .registry(try ImageReference("mirror.example.com/worker:1")))
      #expect(base?.descriptor?.platform == Platform(architecture: "arm64"))
      #expect(base?.descriptor?.promises == BaseDescriptor.Promises())
      #expect(base?.written == name)
    }
  }

  @Test func `A descriptor may name a layout of the package`() throws {
    let package = try SamplePackage(settings("base: mine"), files: ["layouts/b/oci-layout"])
    try package.folder.write(
      "sematic-bases/mine.json", #"{"name": "mine", "reference": "oci:layouts/b", "platform": "linux/amd64"}"#)
    let base = try package.pipeline().bases.first
    #expect(base?.source == .layout(path: package.folder.file("layouts/b"), reference: nil))
    #expect(base?.descriptor?.name == "mine")
  }

  @Test(arguments: [
    Mistake(
      "worker-cudaa",
      "there is no base 'worker-cudaa': did you mean 'worker-cuda'?"
        + "\nhint: to use an image of that name from Docker Hub, write 'docker.io/library/worker-cudaa'"),
    Mistake(
      "Worker-Base",
      "there is no base 'Worker-Base': did you mean 'worker-base'?"
        + "\nhint: to use an image of that name from Docker Hub, write 'docker.io/library/worker-base'"),
    Mistake(
      "scartch",
      "there is no base 'scartch': did you mean 'scratch'?"
        + "\nhint: to use an image of that name from Docker Hub, write 'docker.io/library/scartch'"),
    Mistake(
      "Debian",
      "'Debian' is not a base: 'library/Debian' is not a valid repository: expected lower-case letters and digits, "
        + "parted by single . _ __ or dashes, in folders parted by /"),
    Mistake(
      "a@sha256:12",
      "'a@sha256:12' is not a base: 'sha256:12' is not a valid digest: expected 64 digits 0-9a-f after sha256:"),
    Mistake("'oci:'", "'oci:' is not a base: write oci:PATH or oci:PATH:TAG"),
    Mistake("'oci:x:'", "'oci:x:' is not a base: write oci:PATH or oci:PATH:TAG"),
    Mistake("oci:/x", "'/x' is an absolute path: write it from the package's folder on"),
    Mistake("oci:../x", "'../x' leaves the package: write a path in the package's folder, without '..'"),
    Mistake("oci:x", "there is no OCI layout at 'x': it must be a folder with a file 'oci-layout'"),
    Mistake(
      "oci:sematic.yaml",
      "there is no OCI layout at 'sematic.yaml': it must be a folder with a file 'oci-layout'"
        + "\nhint: copy an archive into a layout first: `skopeo copy oci-archive:sematic.yaml oci:FOLDER:TAG`"),
    Mistake("./x", "'./x' is not a base: it is a path\nhint: for an OCI layout in that folder, write `oci:./x`"),
    Mistake(
      "a/../x", "'a/../x' is not a base: it is a path\nhint: for an OCI layout in that folder, write `oci:a/../x`"),
    Mistake("oci:link", "'link' leaves the package by a symbolic link, to /"),
  ])
  func `What is no base is an error`(_ mistake: Mistake) throws {
    let package = try SamplePackage(settings("bases:\n  default: \(mistake.text)"))
    try FileTree.symbolicLink(at: package.folder.file("link"), to: "/")
    #expect(package.mistake() == "sematic.yaml:5: " + mistake.message)
  }
}
