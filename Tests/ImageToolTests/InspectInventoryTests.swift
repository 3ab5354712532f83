import Foundation
import SematicFiles
import SematicImages
import SematicInventory
import SematicOCI
import TestSupport
import Testing

/// The bill of materials and the provenance of images that the built tool makes, without a plugin.
@Suite struct InspectInventoryTests {
  private let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("inventory")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
  }

  private func run(_ arguments: [String], cache: String = "cache", in place: String? = nil) throws -> String {
    var environment = ProcessInfo.processInfo.environment
    environment["XDG_CACHE_HOME"] = folder.file(cache)
    let file = folder.file("errors")
    let result = try ChildProcess.run(
      ["sh", "-c", "exec \"$@\" 2>'\(file)'", "sh", tool] + arguments, environment: environment,
      folder: place ?? folder.path)
    guard result.status == 0 else {
      throw ChildProcess.Failure(result.output + String(decoding: try FileTree.read(file), as: UTF8.self))
    }
    return result.output
  }

  private func build(_ arguments: [String], cache: String = "cache") throws {
    _ = try run(["build", "--executable", "/bin/true", "--base", "scratch"] + arguments, cache: cache)
  }

  private func bill(_ image: String) throws -> JSONValue {
    try decodeJSON(from: Data(run(["inspect", "--sbom", image]).utf8))
  }

  private func names(_ bill: JSONValue) -> [String] {
    (bill["packages"]?.array ?? []).compactMap { $0["name"]?.string }
  }

  @Test func `what is not asked for is neither made nor stored`() throws {
    try build(["--output", folder.file("layout")])
    let index = String(decoding: try FileTree.read(folder.file("layout/index.json")), as: UTF8.self)
    #expect(!index.contains("artifactType"))
    let kept = try ChildProcess.run(["find", folder.file("cache"), "-name", "*.contents"])
    #expect(kept.output == "")
  }

  @Test func `the same image has the same bill of materials, with the digest that it has without one`() throws {
    try build(["--output", folder.file("bare")])
    try build(["--output", folder.file("first"), "--sbom"])
    try build(["--output", folder.file("second"), "--sbom"], cache: "other")
    let tag = try #require(LayoutReader(folder.file("bare")).tags().first)
    let digests = try ["bare", "first", "second"].map { try LayoutReader(folder.file($0)).digest(tag: tag) }
    #expect(Set(digests).count == 1)
    let bills = try ["first", "second"].map { try run(["inspect", "--sbom", "oci:" + folder.file($0)]) }
    #expect(bills[0] == bills[1])
    let document: JSONValue = try decodeJSON(from: Data(bills[0].utf8))
    #expect(document["creationInfo"]?["created"] == "1970-01-01T00:00:00Z")
    #expect(document["documentNamespace"]?.string?.hasSuffix(digests[0].replacing(":", with: "-")) == true)
  }

  @Test(.enabled(if: ChildProcess.canRun("dpkg-query"))) func `the system's libraries have their Debian packages`()
    throws
  {
    try build(["--output", folder.file("layout"), "--sbom"])
    let bill = try bill("oci:" + folder.file("layout"))
    let package = try #require(bill["packages"]?.array?.first { $0["name"] == "libc6" })
    let version = try ChildProcess.run(["dpkg-query", "--show", "--showformat", "${Version}", "libc6"]).output
    #expect(package["versionInfo"]?.string == version)
    #expect(package["hasFiles"]?.array?.isEmpty == false)
    if SPDXValidator.isAvailable {
      #expect(try SPDXValidator.problems(of: canonicalJSON(bill)) == "")
    }
  }

  @Test func `an image without one tells of its layers, and an archive never has one`() throws {
    try build(["--output", folder.file("layout")])
    try build(["--output", folder.file("image.tar"), "--format", "oci-archive", "--sbom"])
    let warning = String(decoding: try FileTree.read(folder.file("errors")), as: UTF8.self)
    #expect(warning.contains("oci-archive has no place for sbom and provenance"), "\(warning)")
    for image in ["oci:" + folder.file("layout"), "oci-archive:" + folder.file("image.tar")] {
      let bill = try bill(image)
      #expect(bill["comment"]?.string?.hasPrefix("made from the image itself") == true)
      #expect(names(bill).contains("system"))
      let files = (bill["files"]?.array ?? []).compactMap { $0["fileName"]?.string }
      #expect(files.contains("./sematic/bin/true"))
      if SPDXValidator.isAvailable { #expect(try SPDXValidator.problems(of: canonicalJSON(bill)) == "") }
    }
    #expect(throws: (any Error).self) { try run(["inspect", "--provenance", "oci:" + folder.file("layout")]) }
  }

  @Test func `of several bills of materials, always the same is printed, with their number`() throws {
    let store = MemoryStore()
    let image = try RandomImage.base(in: store, layers: 1)
    let documents = ["one", "two", "three"].map {
      AttachedDocument(Data($0.utf8), type: SPDXDocument.mediaType, title: $0)
    }
    for name in ["layout", "turned"] {
      let attachments = name == "turned" ? documents.reversed() : documents
      let request = PublishRequest(image, base: store, tags: ["v1"], attachments: attachments)
      _ = try publish([request], to: ImageFormat.oci.destination(folder.file(name)))
    }
    let first = try documents.map { try Digest.of(Array($0.content)).description }.min() ?? ""
    let bills = try ["layout", "turned"].map { try run(["inspect", "--sbom", "oci:" + folder.file($0)]) }
    #expect(try bills[0] == bills[1] && Digest.of(Array(bills[0].utf8.dropLast())).description == first, "\(bills)")
    let talk = String(decoding: try FileTree.read(folder.file("errors")), as: UTF8.self)
    #expect(talk.hasPrefix("3 documents of the type application/spdx+json are stored beside the image"), "\(talk)")
    #expect(talk.contains(first))
  }

  @Test(.enabled(if: ChildProcess.canRun("git"))) func `provenance has the commit and no value of the environment`()
    throws
  {
    try folder.write(
      "package/sematic.yaml",
      "version: 1\ndefaults: {provenance: true, env: {PASSWORD: s3cret}, base: scratch}\npipelines: {true: {}}\n")
    try folder.write("package/.gitignore", ".build\n")
    let package = folder.file("package")
    let script = """
      git init -q; git add .; git -c user.name=a -c user.email=a@example.com commit -qm a
      git remote add origin https://user:s3cret@git.example/team/app.git; git rev-parse HEAD
      """
    let commit = try ChildProcess.run(["sh", "-ec", script], folder: package).output.split(separator: "\n").last
    let arguments = ["build", "--package-path", package, "--executable", "/bin/true", "--output"]
    func statement(_ name: String) throws -> JSONValue {
      _ = try run(arguments + [folder.file(name)])
      let text = try run(["inspect", "--provenance", "oci:" + folder.file(name)])
      #expect(!text.contains("s3cret"))
      return try decodeJSON(from: Data(text.utf8))
    }
    func source(_ statement: JSONValue) -> JSONValue? {
      statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]?.array?.first
    }
    let clean = try statement("clean")
    #expect(source(clean)?["digest"]?["gitCommit"]?.string == commit.map(String.init))
    #expect(source(clean)?["uri"]?.string?.hasPrefix("git+https://git.example/team/app.git@") == true)
    #expect(source(clean)?["annotations"]?["dirty"] == .bool(false))
    #expect(
      clean["predicate"]?["buildDefinition"]?["externalParameters"]?["settings"]?["values"]?["env"]
        == .strings(["PASSWORD"]))
    try folder.write("package/new", "")
    #expect(try source(statement("dirty"))?["annotations"]?["dirty"] == .bool(true))
  }

  @Test(
    .enabled(
      if: DockerRegistry.isAvailable && WorkerBase.isAvailable && CraftedWheel.isAvailable
        && ChildProcess.canRun("python3")))
  func `Python packages and the base are in the list that a registry has, and in what the image tells`() throws {
    var wheel = CraftedWheel("some_dependency")
    wheel.files = ["some_dependency/__init__.py": "", "some_dependency/odd, \"name\".txt": "x"]
    try wheel.write(in: folder.file("package/wheels"))
    try folder.write("package/requirements.txt", "--no-index\n--find-links wheels\nsome_dependency==1.0\n")
    try folder.write("package/main.py", "import some_dependency\n")
    try folder.write(
      "package/sematic.yaml",
      "version: 1\npipelines: {demo: {script: main.py, requirements: requirements.txt}}\n")
    let registry = try DockerRegistry()
    let base = "oci:\(try WorkerBase.layout()):\(WorkerBase.tag)"
    let common = ["push", "--package-path", folder.file("package"), "--base", base, "--registry", registry.address]
    let bare = try run(common).split(separator: "\n").last.map(String.init) ?? ""
    let told = try bill(bare)
    let pushed = try run(common + ["--sbom"]).split(separator: "\n").last.map(String.init) ?? ""
    #expect(pushed == bare)
    let stored = try bill(pushed)
    #expect(stored["comment"] == nil && told["comment"] != nil)
    for bill in [told, stored] {
      let packages = bill["packages"]?.array ?? []
      let found = try #require(packages.first { $0["name"] == "some_dependency" })
      #expect(found["versionInfo"] == "1.0")
      #expect(found["externalRefs"]?.array?.first?["referenceLocator"] == "pkg:pypi/some-dependency@1.0")
      #expect((found["hasFiles"]?.array?.count ?? 0) >= 4)
      #expect(packages.contains { $0["primaryPackagePurpose"] == "CONTAINER" && $0["name"] == "base" })
      if SPDXValidator.isAvailable { #expect(try SPDXValidator.problems(of: canonicalJSON(bill)) == "") }
    }
  }
}
