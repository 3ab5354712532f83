import Foundation
import SematicArchive
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import ImageTool
@testable import SematicAssembly
@testable import SematicRegistryClient

/// `rebase` on images in a registry and in layouts, and what `check` says of their bases.
@Suite struct RebaseTests {
  let folder: TemporaryFolder
  let server: RegistryServer
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("rebase")
    var options = RegistryServer.Options()
    // One test asks for it again after its end.
    options.port = try freePort()
    server = try RegistryServer(root: folder.file("registry"), options: options)
    server.start()
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
    try folder.write("program", try FileTree.read("/bin/true"), mode: 0o755)
    try folder.write("sematic.yaml", Self.settings)
  }

  private static let settings = """
    version: 1
    pipelines:
      program:
        env: {OURS: "1", SHARED: ours}
        labels: {ours: "1"}

    """

  @discardableResult
  private func run(_ arguments: String...) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [tool] + arguments,
      environment: [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "XDG_CACHE_HOME": folder.file("cache"),
      ], folder: folder.path)
  }

  private func lastLine(_ result: ChildProcess.Result) -> String {
    result.output.split(separator: "\n").last.map(String.init) ?? ""
  }

  /// A base with a C library, and perhaps much more.
  private func base(
    _ number: Int, glibc: String? = "GLIBC_2.99", extra: Int = 0, platform: Platform = .host, python: String? = nil,
    otherPython: String? = nil
  )
    throws -> Image
  {
    var library = CraftedElf(machine: Platform.host.architecture == "arm64" ? 183 : 62)
    library.soname = "libc.so.6"
    library.versionDefinitions = ["libc.so.6", "GLIBC_2.17"] + [glibc].compactMap { $0 }
    var files: [(String, [UInt8])] = [("opt/base-\(number)", [UInt8(number)])]
    if glibc != nil { files.append(("usr/lib/libc.so.6", library.bytes)) }
    if let python { files += [("usr/bin/python3", []), ("usr/lib/python\(python)/os.py", [])] }
    if let otherPython { files += [("opt/py/bin/python3", []), ("opt/py/lib/python\(otherPython)/os.py", [])] }
    if extra > 0 { files.append(("opt/extra", [UInt8](repeating: UInt8(number), count: extra))) }
    let layers = try files.map { path, content in
      var bytes: [UInt8] = []
      let tar = TarWriter { bytes.append(contentsOf: $0) }
      try tar.add(.file(path, size: Int64(content.count), mode: 0o755), content: content)
      try tar.finish()
      let descriptor = try Descriptor(of: bytes, mediaType: .layer)
      let file = folder.file("layers/\(descriptor.digest.hex)")
      try AtomicFile.write(Data(bytes), to: file)
      return Layer(descriptor: descriptor, diffID: descriptor.digest, content: .file(file), createdBy: "base")
    }
    return Image.scratch(platform).appending(layers).configured {
      $0.environment = ["PATH=/opt/\(number)/bin:/usr/bin", "SHARED=base", "BASE=\(number)"]
      $0.labels = ["base": "\(number)"]
    }
  }

  /// A pipeline of a script that needs a package for Python 3.11.
  private func writeScript() throws {
    var wheel = CraftedWheel("native")
    let machine = Platform.host.architecture == "arm64" ? "aarch64" : "x86_64"
    wheel.tag = "cp311-cp311-manylinux_2_17_\(machine)"
    try wheel.write(in: folder.file("wheels"))
    try folder.write("requirements.txt", "--no-index\n--find-links wheels\nnative==1.0\n")
    try folder.write("main.py", "import native\n")
    try folder.write(
      "sematic.yaml",
      "version: 1\npipelines:\n  script: {script: main.py, src: [main.py], requirements: requirements.txt}\n")
  }

  private func push(_ image: Image, _ tag: String) throws {
    let registry = try SematicRegistryClient.Registry(
      host: server.address, repository: "base", options: RegistryOptions(environment: [:]))
    _ = try publish(image, base: nil, to: registry, tags: [tag])
  }

  private func pushApp(on base: String, _ repository: String = "app") throws -> String {
    lastLine(
      try run(
        "push", "--executable", "program", "--registry", server.address, "--repository", repository, "--base",
        "\(server.address)/base:\(base)"))
  }

  @Test func `an image in a registry becomes what a push above the new base makes, and back`() throws {
    try push(base(1), "1")
    try push(base(2), "2")
    let first = try pushApp(on: "1")
    let expected = try pushApp(on: "2", "other")
    let (app, digest) = ("\(server.address)/app", { (text: String) in text.split(separator: "@").last })
    let result = try run("rebase", "\(app):program_default", "--base", "\(server.address)/base:2")
    #expect(result.status == 0 && lastLine(result) == "\(app)@\(digest(expected) ?? "")", "\(result.output)")
    #expect(result.output.contains(": 1 of 3 layers are kept\nrebased onto \(server.address)/base:2, "))
    let tagged = try run(
      "rebase", "\(app):program_default", "--base", "\(server.address)/base:1", "--tag", "back", "--tag", "again")
    #expect(lastLine(tagged) == first, "\(tagged.output)")
    let shown = try run("inspect", "\(app):again").output
    #expect(shown.hasPrefix("digest: \(digest(first) ?? "")\n"), "\(shown)")
    #expect(try run("inspect", "\(app):program_default").output.hasPrefix("digest: \(digest(expected) ?? "")\n"))
    #expect(!result.output.contains("a build makes it"))
    // By digest alone, no tag moves. The base's name is that of a descriptor.
    try folder.write(
      "sematic-bases/second.json",
      #"{"name":"second","reference":"\#(server.address)/base:2","platform":"\#(Platform.host)"}"#)
    let unnamed = try run("rebase", first, "--base", "second")
    #expect(lastLine(unnamed) == "\(app)@\(digest(expected) ?? "")", "\(unnamed.output)")
  }

  @Test func `a program that needs more than a descriptor promises is refused, and the base is not fetched for it`()
    throws
  {
    try push(base(1), "1")
    var program = CraftedElf(machine: Platform.host.architecture == "arm64" ? 183 : 62)
    program.versionNeeds = [("libstdc++.so.6", ["GLIBCXX_3.4.30", "CXXABI_1.3.9"])]
    try folder.write("program", program.bytes, mode: 0o755)
    for (promises, refusal) in [
      (#""glibcxx":"3.4.30","cxxabi":"1.3.9""#, nil), ("", nil),
      (#""glibcxx":"3.4.29""#, "program needs GLIBCXX_3.4.30, but the base promising has GLIBCXX_3.4.29 at most"),
      (#""cxxabi":"1.3.8""#, "program needs CXXABI_1.3.9, but the base promising has CXXABI_1.3.8 at most"),
    ] {
      try folder.write(
        "sematic-bases/promising.json",
        #"{"name":"promising","reference":"\#(server.address)/base:1","platform":"\#(Platform.host)","promises":{\#(promises)}}"#
      )
      let result = try run("push", "--executable", "program", "--registry", server.address, "--base", "promising")
      #expect(result.status == (refusal == nil ? 0 : 1), "\(result.output)")
      if let refusal { #expect(result.output.contains("error: \(refusal)"), "\(result.output)") }
    }
  }

  @Test func `a large base in the same registry is mounted, and no layer moves`() throws {
    try push(base(1), "1")
    try push(base(2, extra: 70 << 20), "2")
    _ = try pushApp(on: "1")
    let proxy = try FaultProxy(to: server.address) { _ in nil }
    let result = try run("rebase", "\(proxy.address)/app:program_default", "--base", "\(proxy.address)/base:2")
    #expect(result.status == 0, "\(result.output)")
    // The program asks for a version of the C library, and the base is not fetched to know it.
    #expect(result.output.contains("warning: whether \(proxy.address)/base:2 has GLIBC_2."), "\(result.output)")
    // Both bases have the same layer with the C library.
    let moved = proxy.requests.filter { $0.method == "GET" && $0.path.contains("/blobs/") }
    #expect(moved.count == 2, "the two configurations: \(proxy.lines)")
    #expect(proxy.requests.count { $0.method == "POST" && $0.target.contains("mount=") } == 2, "\(proxy.lines)")
    #expect(proxy.requests.count { $0.method == "PUT" && $0.path.contains("/uploads/") } <= 1)
    #expect(proxy.requests.count <= 20, "\(proxy.lines)")
  }

  @Test func `an image in a layout becomes what a build above the new base makes`() throws {
    for (number, name) in [(1, "one"), (2, "two")] {
      _ = try publish(base(number), base: nil, to: ImageFormat.oci.destination(folder.file(name)), tags: ["base"])
    }
    for (base, output) in [("one", "app"), ("two", "other")] {
      let isDocumented = output == "app"
      try folder.write("sematic.yaml", Self.settings + (isDocumented ? "    sbom: true\n    provenance: true\n" : ""))
      let built = try run("build", "--executable", "program", "--base", "oci:\(base)", "--output", output)
      try #require(built.status == 0, "\(built.output)")
    }
    let result = try run("rebase", "oci:app", "--base", "oci:two:base")
    #expect(result.status == 0 && lastLine(result) == "oci:\(folder.file("app")):program_default", "\(result.output)")
    #expect(try FileTree.read(folder.file("app/index.json")) == FileTree.read(folder.file("other/index.json")))
    let blobs = "blobs/sha256"
    #expect(try FileTree.names(in: folder.file("app/\(blobs)")) == FileTree.names(in: folder.file("other/\(blobs)")))
    #expect(
      result.output.contains(
        "the bill of materials and provenance of the old image are not about the new one, which has none; a build makes it: "
          + "`swift package build-image --base oci:two:base --sbom`, with `provenance: true` in sematic.yaml\n"),
      "\(result.output)")
    // A copy whose blobs this tool has not written itself.
    try #require(ChildProcess.run(["cp", "-r", "app", "copy"], folder: folder.path).status == 0)
    let copied = try run("rebase", "oci:copy:program_default", "--base", "oci:one")
    #expect(copied.status == 0, "\(copied.output)")
    let foreign = try run("rebase", "oci:app:program_default", "--base", "oci:one", "--platform", "linux/s390x")
    #expect(foreign.status == 1 && foreign.output.contains("for linux/s390x: it is for"), "\(foreign.output)")
    let kept = try run("rebase", "oci:app:program_default", "--base", "oci:one", "--tag", "old")
    #expect(lastLine(kept) == "oci:\(folder.file("app")):old", "\(kept.output)")
    #expect(try ImageLayout(folder.file("app")).names.sorted() == ["old", "program_default"])
  }

  @Test func `an index is rebased as its platforms`() throws {
    let platforms = [.host, Platform(architecture: Platform.host.architecture == "arm64" ? "amd64" : "arm64")]
    func write(_ name: String, _ images: [Image]) throws {
      let index = try ImageIndex(of: images, annotations: ["of": name]).encoded()
      let request = PublishRequest(images.map { .init($0, base: nil) }, index: index, tags: ["v1"])
      _ = try publish([request], to: ImageFormat.oci.destination(folder.file(name)))
    }
    for number in [1, 2] { try write("base-\(number)", platforms.map { try base(number, platform: $0) }) }
    func app(_ layers: Int) throws -> [Image] {
      try platforms.map { platform in
        let old = try base(1, platform: platform)
        let added = try #require(base(9).layers.first)
        let own = Layer(
          descriptor: added.descriptor, diffID: added.diffID, content: added.content, createdBy: "swift-sematic: data")
        let digest = try old.encoded().manifestDescriptor.digest
        return old.appending([own]).annotated(Image.annotations(ofBase: digest, name: nil))
          .annotated([
            ImageOverlay.annotation:
              #"{"layers": \#(layers), "env": {"OURS": "1"}, "leading": {"PYTHONPATH": ["/sematic/python"]}}"#
          ])
      }
    }
    for (layers, sentence) in [(0, "expected a number of layers from 1"), (2, "2 of its 3 layers"), (4, "4 of its 3 ")]
    {
      try write("wrong", app(layers))
      let before = try FileTree.read(folder.file("wrong/index.json"))
      let blobs = try FileTree.names(in: folder.file("wrong/blobs/sha256"))
      let wrong = try run("rebase", "oci:wrong", "--base", "oci:base-2")
      #expect(wrong.status == 1 && wrong.output.contains(sentence), "\(wrong.output)")
      #expect(wrong.output.contains("hint: build it anew: "), "\(wrong.output)")
      #expect(try FileTree.read(folder.file("wrong/index.json")) == before)
      #expect(try FileTree.names(in: folder.file("wrong/blobs/sha256")) == blobs)
      try FileTree.remove(folder.file("wrong"))
    }
    try write("app", app(1))
    let result = try run("rebase", "oci:app", "--base", "oci:base-2")
    #expect(result.status == 0 && lastLine(result) == "oci:\(folder.file("app")):v1", "\(result.output)")
    // As a version of this tool wrote it that did not say which Python.
    let unknown = "warning: whether oci:base-2 has the Python that the packages of oci:app need is not known"
    #expect(result.output.contains(unknown), "\(result.output)")
    let layout = try ImageLayout(folder.file("app"))
    let identifier = try layout.identifier(tag: "v1")
    let images = try OpenedImage(source: layout, identifier: identifier).images(otherwise: .host)
    #expect(images.map(\.platform) == platforms)
    #expect(images.allSatisfy { Set(["BASE=2", "OURS=1"]).isSubset(of: $0.image.configuration.environment) })
    guard case .index(let index) = try layout.manifest(identifier).content else {
      Issue.record("no index")
      return
    }
    #expect(index.annotations == ["of": "app"])
    let one = try run("rebase", "oci:app", "--base", "oci:base-1", "--platform", "\(platforms[1])")
    #expect(one.status == 1 && one.output.contains("its tag names the index of all"), "\(one.output)")
  }

  @Test func `what is said about an image does not speak of building to those who did not build`() throws {
    let arm = Platform(architecture: "arm64"), riscv = Platform(architecture: "riscv64")
    let formats = ImageFormat.oci
    _ = try publish(base(1, platform: riscv), base: nil, to: formats.destination(folder.file("one")), tags: ["v1"])
    let images = try [arm, riscv].map { try base(1, platform: $0) }
    let request = try PublishRequest(
      images.map { .init($0, base: nil) }, index: ImageIndex(of: images, annotations: [:]).encoded(), tags: ["v1"])
    _ = try publish([request], to: formats.destination(folder.file("index")))
    _ = try publish(base(1), base: nil, to: formats.destination(folder.file("broken")), tags: ["v1"])
    try FileTree.remove(folder.file("broken/blobs"))
    try folder.write("folder/file", "")
    for (image, sentence) in [
      ("oci:none", "none is not an OCI image layout: it does not exist"),
      ("oci:folder", "folder is not an OCI image layout: it has no oci-layout"),
      ("oci:broken", "broken is not an OCI image layout: it lacks sha256:"), ("oci:one:v2", "one has no image 'v2'"),
      ("oci-archive:folder", "folder"), ("docker-archive:folder/file", "file is not an image archive"),
      ("oci:one", "is for linux/riscv64, not for linux/s390x"), ("oci:index", "does not exist for linux/s390x"),
    ] {
      for command in [["inspect"], ["inspect", "--sbom"], ["inspect", "--provenance"]] {
        let result = try ChildProcess.run(
          [tool] + command + [image, "--platform", "linux/s390x"],
          environment: ["XDG_CACHE_HOME": folder.file("cache")],
          folder: folder.path)
        #expect(result.status == 1 && result.output.contains(sentence), "\(result.output)")
        for word in ["base", "program", "sematic.yaml", "build"] {
          let said = result.output.replacingOccurrences(of: folder.path, with: "")
          #expect(!said.contains(word), "\(command) \(image): \(result.output)")
        }
      }
    }
    let unbuilt = try run("rebase", "oci:one", "--base", "oci:index")
    #expect(unbuilt.output.contains("hint: only what swift-sematic has put above a base can be rebased"))
    for (base, sentence) in [
      ("oci:one", "onto oci:one, which is for linux/riscv64"),
      ("oci:index", "onto oci:index, which is for linux/arm64, linux/riscv64"),
      ("scratch", "onto scratch: what it uses"), ("worker-bas", "did you mean 'worker-base'?"),
    ] {
      _ = try publish(
        self.base(1, platform: Platform(architecture: "s390x")), base: nil,
        to: formats.destination(folder.file("other")), tags: ["v1"])
      let result = try run("rebase", "oci:other", "--base", base)
      #expect(result.status != 0 && result.output.contains(sentence), "\(result.output)")
      #expect(!result.output.contains("the program"), "\(result.output)")
    }
  }

  @Test func `what does not fit is refused, and changes nothing`() throws {
    try push(base(1), "1")
    try push(base(2, glibc: nil), "old")
    try push(base(3, platform: Platform(architecture: "riscv64")), "riscv")
    let before = try pushApp(on: "1")
    let app = "\(server.address)/app:program_default"
    let old = try run("rebase", app, "--base", "\(server.address)/base:old")
    #expect(old.status == 1, "\(old.output)")
    #expect(old.output.contains("error: cannot rebase \(app): it needs GLIBC_2."), "\(old.output)")
    let other = try run("rebase", app, "--base", "\(server.address)/base:riscv")
    #expect(other.status == 1 && other.output.contains("is for linux/riscv64"), "\(other.output)")
    let scratch = try run(
      "build", "--executable", "program", "--base", "scratch", "--output", "scratch.tar", "--format", "oci-archive")
    try #require(scratch.status == 0, "\(scratch.output)")
    let archive = try run("rebase", "oci-archive:scratch.tar", "--base", "\(server.address)/base:1")
    #expect(archive.status == 64 && archive.output.contains("an archive is not changed in its place"))
    let base = try run("rebase", "\(server.address)/base:1", "--base", "\(server.address)/base:old")
    #expect(base.status == 1 && base.output.contains("it names no base that it was built on"), "\(base.output)")
    #expect(try run("rebase", app, "--base", "\(server.address)/base:1", "--tag", "a/b").status == 64)
    #expect(try run("inspect", app).output.contains(before.split(separator: "@").last ?? "?"))
  }

  @Test(.enabled(if: CraftedWheel.isAvailable))
  func `Python packages are for the Python at the path that a descriptor promises`() throws {
    try push(base(1, python: "3.13", otherPython: "3.11"), "1")
    try writeScript()
    try folder.write(
      "sematic-bases/other.json",
      #"{"name":"other","reference":"\#(server.address)/base:1","platform":"\#(Platform.host)","promises":{"python":"/opt/py/bin/python3"}}"#
    )
    let usual = try run("build", "--base", "\(server.address)/base:1")
    #expect(usual.status == 1 && usual.output.contains(" for Python 3.13 on "), "\(usual.output)")
    // The second one reads what the first has found out.
    for _ in 0..<2 {
      let other = try run("build", "--base", "other", "--no-cache")
      #expect(other.status == 0 && other.output.contains(" for Python 3.11 on "), "\(other.output)")
    }
  }

  @Test(.enabled(if: CraftedWheel.isAvailable))
  func `Python packages stay above the Python that they were installed for`() throws {
    for (number, tag, python) in [(1, "1", "3.11"), (2, "same", "3.11"), (3, "newer", "3.13"), (4, "none", nil)] {
      try push(base(number, python: python), tag)
    }
    try writeScript()
    func pushScript(on base: String, _ repository: String) throws -> String {
      let result = try run(
        "push", "--registry", server.address, "--repository", repository, "--base", "\(server.address)/base:\(base)")
      try #require(result.status == 0, "\(result.output)")
      return lastLine(result)
    }
    let before = try pushScript(on: "1", "app")
    let (app, bases) = ("\(server.address)/app:script_default", "\(server.address)/base")
    for (base, present) in [("newer", "Python 3.13"), ("none", "no /usr/bin/python3")] {
      let refused = try run("rebase", app, "--base", "\(bases):\(base)")
      #expect(refused.status == 1, "\(refused.output)")
      let sentence = "its Python packages are for Python 3.11, and \(bases):\(base) has \(present)\n"
      #expect(refused.output.contains("error: cannot rebase \(app): \(sentence)"), "\(refused.output)")
      #expect(refused.output.contains("hint: choose a base with Python 3.11 at /usr/bin/python3"), "\(refused.output)")
      #expect(try run("inspect", app).output.contains(before.split(separator: "@").last ?? "?"))
    }
    // What a descriptor promises needs no look into the base.
    try folder.write(
      "sematic-bases/promising.json",
      #"{"name":"promising","reference":"\#(bases):same","platform":"\#(Platform.host)","promises":{"pythonVersion":"3.12"}}"#
    )
    let promised = try run("rebase", app, "--base", "promising")
    #expect(promised.status == 1 && promised.output.contains("has Python 3.12\n"), "\(promised.output)")

    let expected = try pushScript(on: "same", "other")
    let result = try run("rebase", app, "--base", "\(bases):same")
    #expect(result.status == 0 && !result.output.contains("warning"), "\(result.output)")
    #expect(lastLine(result).split(separator: "@").last == expected.split(separator: "@").last)
  }

  @Test func `check says that the base has a newer digest under its tag, until the image is rebased`() throws {
    try push(base(1), "latest")
    _ = try pushApp(on: "latest")
    let (app, name) = ("\(server.address)/app:program_default", "\(server.address)/base:latest")
    #expect(try !run("check", app).output.contains("is newer"))
    try push(base(2), "latest")
    let newer = try base(2).encoded().manifestDescriptor.digest
    let checked = try run("check", app)
    #expect(checked.output.contains("the base \(name) is newer: \(newer), and the image was built on sha256:"))
    #expect(checked.output.contains("`ImageTool rebase \(app) --base \(name)`"), "\(checked.output)")
    #expect(try run("rebase", app, "--base", name).status == 0)
    #expect(try !run("check", app).output.contains("is newer"))
    try run("build", "--executable", "program", "--base", name, "--output", "app")
    server.stop()
    let alone = try run("check", "oci:app")
    #expect(alone.output.contains("whether the base \(name) is newer is unknown: "), "\(alone.output)")
  }

  @Test func `a registry of the base that stays silent does not keep check for long`() throws {
    let silent = try ScriptedServer { _ in .stalled(200, [], length: 9) }
    let name = "\(silent.address)/base:1"
    let annotations = Image.annotations(ofBase: try Digest.of([1]), name: name)
    let registry = try SematicRegistryClient.Registry(
      host: server.address, repository: "app", options: RegistryOptions(environment: [:]))
    _ = try publish(base(1).annotated(annotations), base: nil, to: registry, tags: ["1"])
    let proxy = try FaultProxy(to: server.address) { _ in nil }
    let checked = try run("check", "\(proxy.address)/app:1")
    #expect(checked.output.contains("\npass        "), "\(checked.output)")
    #expect(checked.output.contains("whether the base \(name) is newer is unknown: "), "\(checked.output)")
    #expect(checked.output.contains("no data transferred for 4 s"), "\(checked.output)")
    // The image is opened once: as an index perhaps, and as an image.
    #expect(proxy.requests.count { $0.path.contains("/app/manifests/") } == 2, "\(proxy.lines)")
  }
}
