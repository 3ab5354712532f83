import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

/// The built ImageTool, killed at moments of nobody's choice, and started again.
///
/// FAULT_KILLS says how often; TESTS_SEED repeats a run that was printed.
@Suite(.serialized) struct KilledToolTests {
  let folder: TemporaryFolder
  let executable: String
  private let environment: [String: String]

  init() throws {
    folder = try TemporaryFolder("killed")
    executable = try CraftedProgram.write(in: folder)
    environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_CACHE_HOME": folder.file("cache")]
  }

  private var kills: Int { ProcessInfo.processInfo.environment["FAULT_KILLS"].flatMap { Int($0) } ?? 10 }

  @Test func `a push that was killed is done by the next one, with the same digest`() throws {
    let server = try RegistryServer(root: folder.file("registry"))
    server.start()
    defer { server.stop() }
    try killAndRepeat("push", ["--registry", server.address, "--repository", "app"]) { digest in
      let registry = folder.file("registry")
      for name in try files(below: registry + "/blobs") {
        let parts = name.split(separator: "/")
        #expect(try Digest.of(FileTree.read("\(registry)/blobs/\(name)")).hex == parts.last.map { String($0) })
      }
    }
  }

  @Test func `a build that was killed is done by the next one, with the same digest`() throws {
    let layout = folder.file("layout")
    try killAndRepeat("build", ["--output", layout]) { digest in
      // A layout that is there is whole.
      guard FileTree.exists(layout) else { return }
      let reader = LayoutReader(layout)
      let found = try reader.digest()
      let manifest = try reader.manifest()
      #expect(digest == nil || found == digest)
      for blob in [manifest.config] + manifest.layers {
        #expect(try Digest.of(reader.blob(blob.digest.description)) == blob.digest)
      }
    }
  }

  @Test func `a registry that was killed has whole blobs only, and goes on`() throws {
    let root = folder.file("served")
    let login = try folder.write("login", "alice:s3cret\n")
    func serve() throws -> (server: ChildProcess, address: String) {
      let output = folder.file("served.log")
      let server = try ChildProcess(
        [BuiltTool.path(), "registry", "--port", "0", "--root", root, "--login", login], output: output,
        environment: environment, folder: folder.path)
      let address = try server.waitUntil(output) { text in
        text.split(separator: "\n").map(String.init).first { $0.hasPrefix("127.0.0.1:") }
      }
      let entry = #"{"auths": {"\#(address)": {"auth": "\#(MatrixRegistry.secrets[1])"}}}"#
      try folder.write(".docker/config.json", entry)
      return (server, address)
    }
    func command(_ address: String, _ repository: String) throws -> [String] {
      [
        try BuiltTool.path(), "push", "--executable", executable, "--base", "scratch", "--registry", address,
        "--repository", repository, "--retries", "0",
      ]
    }
    var random = SeededRandom(of: "KilledToolTests registry")
    for number in 0..<max(3, kills / 3) {
      let (server, address) = try serve()
      let child = try ChildProcess(
        command(address, "app\(number)"), output: folder.file("output"), environment: environment, folder: folder.path)
      Thread.sleep(forTimeInterval: Double(random.next() % 1000) / 1000)
      kill(server.identifier, SIGKILL)
      _ = server.wait()
      _ = child.wait()
      for name in try files(below: root + "/blobs") where !name.contains(".partial-") {
        let hex = try Digest.of(FileTree.read("\(root)/blobs/\(name)")).hex
        #expect(name.hasSuffix(hex))
      }
    }
    let (server, address) = try serve()
    defer { server.stop() }
    let again = try ChildProcess.run(command(address, "app0"), environment: environment, folder: folder.path)
    #expect(again.status == 0, "\(again.output)")
    try FileTree.remove(folder.file(".docker/config.json"))
    let stranger = try ChildProcess.run(command(address, "app0"), environment: environment, folder: folder.path)
    #expect(stranger.status == 1 && stranger.output.contains("no credentials were found for it"), "\(stranger.output)")
  }

  /// - Parameter check: what must hold after every kill; gets the digest once that is known.
  private func killAndRepeat(_ verb: String, _ options: [String], check: (String?) throws -> Void) throws {
    var random = SeededRandom(of: "KilledToolTests \(verb)")
    let metadata = folder.file("metadata.json")
    let command =
      [try BuiltTool.path(), verb, "--executable", executable, "--base", "scratch", "--metadata-file", metadata]
      + options
    func digest() throws -> String {
      let document = try JSONDecoder().decode(JSONValue.self, from: Data(FileTree.read(metadata)))
      guard case .array(let images)? = document["images"], let digest = images.first?["digest"]?.string else {
        throw ChildProcess.Failure("no digest in \(document)")
      }
      return digest
    }
    func whole() throws -> (digest: String, seconds: Double) {
      let start = DispatchTime.now().uptimeNanoseconds
      let result = try ChildProcess.run(command, environment: environment, folder: folder.path)
      guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
      return (try digest(), Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
    }
    let (expected, seconds) = try whole()
    for _ in 0..<kills {
      for name in ["cache", "registry/blobs", "layout"] where random.next() % 2 == 0 {
        if FileTree.exists(folder.file(name)) { try FileTree.remove(folder.file(name)) }
      }
      try FileTree.remove(metadata)
      let child = try ChildProcess(
        command, output: folder.file("output"), environment: environment, folder: folder.path)
      Thread.sleep(forTimeInterval: Double(random.next() % 1000) / 1000 * seconds)
      kill(child.identifier, SIGKILL)
      let status = child.wait()
      // What tells of a result is there only after one.
      if FileTree.exists(metadata) { #expect(try digest() == expected) } else { #expect(status != 0) }
      try check(expected)
      #expect(try whole().digest == expected)
      try check(expected)
    }
  }

  private func files(below folder: String) throws -> [String] {
    guard FileTree.exists(folder) else { return [] }
    return try FileTree.names(in: folder).flatMap { name in
      FileTree.isDirectory("\(folder)/\(name)")
        ? try files(below: "\(folder)/\(name)").map { "\(name)/\($0)" } : [name]
    }
  }
}
