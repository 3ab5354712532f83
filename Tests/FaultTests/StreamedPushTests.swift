import Foundation
import SematicFiles
import SematicRegistryServer
import TestSupport
import Testing

/// The built ImageTool, while it sends a layer that it is still building.
@Suite struct StreamedPushTests {
  let folder: TemporaryFolder
  let server: RegistryServer
  let proxy: FaultProxy
  private let environment: [String: String]
  private let executable: String

  init() throws {
    folder = try TemporaryFolder("streamed")
    executable = try CraftedProgram.write(in: folder, size: 1000)
    environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path]
    try folder.write("sematic.yaml", "version: 1\npipelines: {program: {data: [zeros]}}\n")
    server = try RegistryServer(root: folder.file("registry"))
    server.start()
    proxy = try FaultProxy(to: server.address) { _ in nil }
  }

  /// Makes a file of zeros, which takes no room: a layer of it takes its time.
  private func prepare(_ size: Int64) throws {
    try folder.write("zeros", "")
    #expect(truncate(folder.file("zeros"), off_t(size)) == 0)
  }

  private func command(_ verb: String, _ options: String...) throws -> [String] {
    [try BuiltTool.path(), verb, "--executable", executable, "--base", "scratch"] + options
  }

  private func push(to repository: String, _ options: String...) throws -> ChildProcess.Result {
    try ChildProcess.run(
      command("push", "--registry", proxy.address, "--repository", repository) + options, environment: environment,
      folder: folder.path)
  }

  @Test func `a layer that was sent while it was built is the one of any other image`() throws {
    try prepare(256 << 20)
    let layout = folder.file("layout")
    let made = try ChildProcess.run(
      command("build", "--output", layout), environment: environment, folder: folder.path)
    try #require(made.status == 0, "\(made.output)")
    let digest = try LayoutReader(layout).digest()
    // On a machine that is busy enough, a layer is whole before the registry is asked: it is sent as ever then.
    for number in 0..<9 where !proxy.requests.contains(where: \.isChunked) {
      let pushed = try push(to: "app\(number)", "--no-cache")
      #expect(pushed.status == 0 && pushed.output.hasSuffix("@\(digest)\n"), "\(pushed.output)")
    }
    let streams = proxy.requests.filter(\.isChunked)
    #expect(streams.map(\.method) == ["PATCH"])
    #expect(try FileTree.names(in: folder.file("registry/uploads")) == [])

    // It has a tag now: its layers are asked for.
    let repository = try #require(streams.first?.path.split(separator: "/").dropFirst().first)
    let again = try push(to: String(repository), "--no-cache")
    #expect(again.status == 0 && again.output.hasSuffix("@\(digest)\n"), "\(again.output)")
    // What was built before is not asked about.
    let questions = proxy.lines.count { $0.hasSuffix("/tags/list") }
    let built = try push(to: "cached")
    #expect(built.status == 0 && built.output.hasSuffix("@\(digest)\n"), "\(built.output)")
    #expect(proxy.lines.count { $0.hasSuffix("/tags/list") } == questions)
    #expect(proxy.requests.count(where: \.isChunked) == 1)
  }

  @Test func `the end of a layer comes with its digest`() throws {
    // It is compressed so slowly that the registry has the beginning long before.
    try folder.write("sematic.yaml", "version: 1\npipelines: {program: {data: [zeros], compression: 'zstd:17'}}\n")
    let made = try ChildProcess.run(
      ["/bin/sh", "-c", "head -c 17000000 /dev/urandom > zeros"], environment: environment, folder: folder.path)
    try #require(made.status == 0, "\(made.output)")
    let isEnd: (FaultProxy.Request) -> Bool = { $0.method == "PUT" && $0.headers["content-range"] != nil }
    for number in 0..<9 where !proxy.requests.contains(where: isEnd) {
      let pushed = try push(to: "app\(number)", "--no-cache")
      #expect(pushed.status == 0, "\(pushed.output)")
    }
    #expect(proxy.requests.contains(where: isEnd))
    #expect(!proxy.lines.contains { $0.hasPrefix("DELETE ") })
    #expect(try FileTree.names(in: folder.file("registry/uploads")) == [])
  }

  @Test func `a small layer is built and sent while a large one is built`() throws {
    // It is never whole.
    try prepare(64 << 30)
    let child = try ChildProcess(
      command("push", "--registry", proxy.address, "--repository", "app"), output: folder.file("output"),
      environment: environment, folder: folder.path)
    let isSent = { proxy.lines.contains { $0.hasPrefix("PUT /v2/app/blobs/uploads/") } }
    for _ in 0..<60_000 where child.isRunning && !isSent() { usleep(1000) }
    #expect(isSent())
    kill(child.identifier, SIGINT)
    #expect(child.wait() == 128 + SIGINT)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an interrupted push cancels the upload of the layer that it builds`(
    signal: Int32
  ) throws {
    // Nobody waits for its end.
    try prepare(64 << 30)
    let child = try ChildProcess(
      command("push", "--registry", proxy.address, "--repository", "app"), output: folder.file("output"),
      environment: environment, folder: folder.path)
    while child.isRunning, !proxy.requests.contains(where: \.isChunked) { usleep(1000) }
    kill(child.identifier, signal)
    #expect(child.wait() == 128 + signal)
    // A small layer's upload may have begun, and stays.
    let canceled = try #require(proxy.lines.first { $0.hasPrefix("DELETE /v2/app/blobs/uploads/") })
    let identifier = try #require(canceled.split(separator: "/").last)
    #expect(proxy.requests.contains { $0.isChunked && $0.path.hasSuffix(identifier) })
    let isThere = { try FileTree.names(in: folder.file("registry/uploads")).contains { $0.hasSuffix(identifier) } }
    for _ in 0..<5000 where try isThere() { usleep(1000) }
    #expect(try !isThere())
  }
}
