import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

/// `--all`, with a SwiftPM that says what it is asked for, and "builds" what the test has put there.
@Suite struct AllPipelinesTests {
  private let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("all")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
    for name in ["First", "Second"] {
      var program = CraftedElf(machine: 62, type: 2)
      program.interpreter = nil
      program.soname = name
      try program.write("built/\(name)", in: folder)
    }
    try folder.write("package/Package.swift", "// swift-tools-version: 6.1\n")
    try folder.write("package/data/table.csv", String(repeating: "1,2,3\n", count: 1000))
    try folder.write(
      "bin/swift",
      """
      #!/bin/sh
      echo "$*" >>"\(folder.file("asked"))"
      case "$*" in
        *describe*) echo '{"name":"p","products":[{"name":"First","type":{"executable":null}},
          {"name":"Second","type":{"executable":null}}],"targets":[]}' ;;
        *--show-bin-path*) echo "\(folder.file("built"))" ;;
      esac

      """, mode: 0o755)
    try configure("one: {product: First}\n  two: {product: First, env: {MODE: two}}\n  three: {product: Second}")
  }

  private func configure(_ pipelines: String) throws {
    try folder.write(
      "package/sematic.yaml", "version: 1\ndefaults: {base: scratch, data: [data]}\npipelines:\n  \(pipelines)\n")
  }

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String, talk: String) {
    // Data alone on standard output.
    let result = try ChildProcess.run(
      ["sh", "-c", "exec \"$0\" \"$@\" 2>\(folder.file("talk"))", tool] + arguments,
      environment: ["PATH": folder.file("bin") + ":/usr/bin:/bin", "HOME": folder.path],
      folder: folder.file("package"))
    let talk = String(decoding: try FileTree.read(folder.file("talk")), as: UTF8.self)
    return (result.status, result.output, talk)
  }

  private func layers(_ metadata: JSONValue) -> Set<String> {
    Set((metadata["images"]?.array ?? []).flatMap { $0["layers"]?.array ?? [] }.compactMap { $0["digest"]?.string })
  }

  private func metadata() throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(FileTree.read(folder.file("metadata"))))
  }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `Every pipeline is pushed by one call, and what is the same is built and sent once`() throws {
    let registry = try DockerRegistry()
    let result = try run(
      ["push", "--all", "--verbose", "--registry", registry.address, "--metadata-file", folder.file("metadata")])
    #expect(result.status == 0, "\(result.talk)")
    let images = try #require(try metadata()["images"]?.array)
    #expect(images.compactMap { $0["pipeline"]?.string } == ["one", "two", "three"])
    let references = images.compactMap { $0["reference"]?.string }
    #expect(result.output == references.map { $0 + "\n" }.joined())
    let builds = String(decoding: try FileTree.read(folder.file("asked")), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("build ") && $0.contains("--product") }
    #expect(builds.count == 2)
    #expect(result.talk.contains("\nimage two, default: sha256:"), "\(result.talk)")
    #expect(result.talk.components(separatedBy: "layer data: ").count == 2)
    let log = registry.log
    func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }
    let layers = try layers(metadata())
    for layer in layers { #expect(count("HEAD /v2/p/blobs/\(layer)") == 1) }
    #expect(count("\"PUT /v2/p/blobs/uploads/") == layers.count + 3)

    // By itself, each is the same image.
    let single = try run(["push", "two", "--registry", registry.address])
    #expect(single.output == references[1] + "\n")
  }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `Another repository of the registry mounts what the first one got`() throws {
    try configure("one: {product: First}\n  two: {product: First, repository: other}")
    let registry = try DockerRegistry()
    let result = try run(["push", "--all", "--registry", registry.address, "--metadata-file", folder.file("metadata")])
    #expect(result.status == 0, "\(result.talk)")
    let log = registry.log
    #expect(log.contains("\"PUT /v2/p/blobs/uploads/") && !log.contains("\"PUT /v2/other/blobs/uploads/"))
    #expect(result.output.split(separator: "\n").map { $0.hasPrefix("\(registry.address)/p@") } == [true, false])
    let second = try #require(try metadata()["images"]?.array?.last)
    #expect(Set((second["layers"]?.array ?? []).compactMap { $0["outcome"]?.string }) == ["mounted"])
  }

  @Test func `On disk, all are in one layout under their tags`() throws {
    let layout = folder.file("layout")
    let result = try run(["build", "--all", "--output", layout])
    #expect(result.status == 0, "\(result.talk)")
    let names = ["one", "two", "three"]
    #expect(try LayoutReader(layout).tags().sorted() == names.map { $0 + "_default" }.sorted())
    #expect(result.output == names.map { "oci:\(layout):\($0)_default\n" }.joined())
    let plan = try run(["build", "--all", "--dry-run"])
    #expect(plan.output.components(separatedBy: "\nimage default: on scratch").count == 4, "\(plan.output)")
  }

  @Test func `What was pushed before a failure is printed, and in the metadata file`() throws {
    let closed = "127.0.0.1:\(try closedPort())"
    try configure("one: {product: First}\n  two: {product: First, registry: '\(closed)', retries: 0}")
    let result = try run(["push", "--all", "--metadata-file", folder.file("metadata")])
    #expect(result.status == 1)
    let images = try #require(try metadata()["images"]?.array)
    #expect(images.compactMap { $0["pipeline"]?.string } == ["one"])
    let reference = try #require(images.first?["reference"]?.string)
    #expect(result.output == reference + "\n")
    let talk = result.talk.split(separator: "\n")
    #expect(talk.contains { $0.hasPrefix("to pull it, serve ") } && talk.contains { $0.hasPrefix("error: ") })
  }

  @Test func `A container runtime gets all of them`() throws {
    let load = "cat >/dev/null; echo $1 >>\"\(folder.file("loads"))\""
    try folder.write("bin/podman", "#!/bin/sh\ncase $1 in load) \(load) ;; *) echo id ;; esac\n", mode: 0o755)
    let plan = try run(["build", "--load", "--all", "--dry-run"])
    #expect(plan.output.components(separatedBy: "on scratch, to podman\n").count == 4, "\(plan.output)")
    let result = try run(["build", "--load-into", "podman", "--all", "--metadata-file", folder.file("metadata")])
    #expect(result.status == 0, "\(result.talk)")
    let names = ["one", "two", "three"]
    #expect(result.output == names.map { "localhost/p:\($0)_default\n" }.joined())
    #expect(try metadata()["images"]?.array?.compactMap { $0["pipeline"]?.string } == names)
    #expect(try FileTree.read(folder.file("loads")) == Array("load\nload\nload\n".utf8))
  }

  @Test func `What cannot be done in one go is an error`() throws {
    try configure("one: {product: First, tags: [nightly]}\n  two: {product: Second, tags: [nightly]}")
    let shared = try run(["push", "--all"])
    #expect(shared.status == 1)
    #expect(
      shared.talk.hasPrefix(
        "error: the pipelines 'one' and 'two' would both get the tag 'nightly' in the repository 'p'"), "\(shared.talk)"
    )
    // Two repositories whose images would be one on this machine's disk.
    let tags = "default_tag: false, tags: [nightly]"
    try configure(
      "one: {product: First, repository: a/p, \(tags)}\n  two: {product: Second, repository: b/p, \(tags)}")
    let layout = try run(["build", "--all"])
    #expect(layout.status == 1)
    #expect(layout.talk.contains("error: the pipelines 'one' and 'two' would both get the tag 'nightly' in /"))
    #expect(layout.output.isEmpty && !FileTree.exists(folder.file("package/.build/swift-sematic/images/p")))
    try configure("one: {product: First}\n  two: {product: Second, repository: other}")
    let archive = try run(["build", "--all", "--format", "oci-archive", "--output", folder.file("a.tar")])
    #expect(archive.status == 1)
    #expect(archive.talk.contains("error: one oci-archive cannot hold images of localhost/p and localhost/other"))
    #expect(try run(["push", "--all", "one"]).status == 64)
    #expect(try run(["push", "--all", "--executable", "x"]).status == 64)
  }
}
