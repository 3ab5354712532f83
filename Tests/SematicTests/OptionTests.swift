import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

private struct Number: Codable, Sendable { var number: Double }

/// How often a function was called.
private actor Count {
  private(set) var value = 0

  func next() -> Int {
    value += 1
    return value
  }
}

@Suite struct OptionTests {
  private func resolver(_ server: SematicServer, _ cache: CacheNamespace? = nil) -> LocalResolver {
    LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address], cacheNamespace: cache)
  }

  /// A git repository with a commit, a remote and a change.
  private func repository() throws -> TemporaryFolder {
    let folder = try TemporaryFolder("it's a repository")
    let commands = """
      git init --quiet --initial-branch=topic && git remote add origin https://example.com/it.git && git add . &&
      git -c user.name=a -c user.email=a@b commit --quiet --message=first && echo >>SematicTests.py
      """
    _ = try folder.write("SematicTests.py", Self.functions)
    let made = try ChildProcess.run(["sh", "-c", "cd \"$0\" && \(commands)", folder.path])
    guard made.status == 0 else { throw ChildProcess.Failure(made.output) }
    return folder
  }

  private static let functions = """
    import sematic
    from sematic.ee.metrics import log_metric, MetricScope
    @sematic.func(cache=True)
    def double(number: float) -> float:
        log_metric("loss", 0.5)
        return number * 2
    @sematic.func
    def outer(number: float) -> float:
        return double(number).set(name="named", tags=["a", "b"])
    """

  @Test(.enabled(if: SematicServer.isAvailable && ChildProcess.canRun("git")))
  func `cache, name, tags, metrics and git are recorded as Python records them, and the cache is shared`() async throws
  {
    let server = try SematicServer()
    let folder = try repository()
    let script = """
      import sematic, SematicTests
      for _ in range(2):
          future = SematicTests.outer(2.5)
          sematic.LocalRunner(cache_namespace="space").run(future)
          print("run", future.id)
      """
    let python = try ChildProcess.run(
      [try SematicServer.program("python"), folder.write("main.py", script)],
      environment: [
        "SEMATIC_API_ADDRESS": server.address, "SEMATIC_SERVER_ADDRESS": server.address, "HOME": folder.path,
        "PATH": "/usr/bin:/bin",
      ])
    let recorded = python.output.split(separator: "\n").filter { $0.hasPrefix("run ") }.map { String($0.dropFirst(4)) }
    try #require(recorded.count == 2, "\(python.output)")

    let calls = Count()
    let double = SematicFunction("double", cache: true) { (input: Number) async throws -> Double in
      _ = await calls.next()
      try await logMetric("loss", 0.5)
      return input.number * 2
    }
    let outer = SematicFunction("outer") { (input: Number) async throws -> Double in
      try await double.setting(name: "named", tags: ["a", "b"])(input)
    }
    func record(_ cache: CacheNamespace?) async throws -> String {
      let result = try await outer.with(Number(number: 2.5)).resolve(with: resolver(server, cache))
      #expect(result.output == 5)
      return try #require(result.run?.id)
    }
    func step(_ root: String) throws -> [String: Any] {
      let graph = try server.call("GET", "/runs/\(root)/graph?root=1")
      return try #require((graph["runs"] as? [[String: Any]])?.first { $0["name"] as? String == "named" })
    }
    let first = try await record("own")
    #expect(await calls.value == 1)
    let second = try await record("own")
    #expect(await calls.value == 1)
    let executed = try step(first)
    let (theirs, ours) = (try step(recorded[1]), try step(second))
    #expect(ours["original_run_id"] as? String == executed["id"] as? String)
    #expect(theirs["original_run_id"] as? String == (try step(recorded[0]))["id"] as? String)
    let fields = ["future_state", "tags", "name", "function_path"]
    for field in fields { #expect("\(ours[field] ?? "")" == "\(theirs[field] ?? "")") }
    for field in ["resolved_at", "started_at", "ended_at", "failed_at", "parent_id"] {
      #expect((ours[field] is String) == (theirs[field] is String), "\(field)")
    }
    #expect((ours["cache_key"] as? String)?.hasSuffix("_own") == true)
    #expect(try server.resolution(second)["cache_namespace"] as? String == "own")

    // What a function in Python of the same name has returned is used, too.
    let shared = try step(try await record("space"))
    #expect(await calls.value == 1)
    #expect(shared["original_run_id"] as? String == theirs["original_run_id"] as? String)
    #expect(shared["cache_key"] as? String == theirs["cache_key"] as? String)

    // Without a namespace nothing is cached.
    _ = try await record(nil)
    #expect(await calls.value == 2)

    func metrics(_ run: [String: Any], scope: String) throws -> String {
      let (identifier, root) = (run["id"] as? String ?? "", run["root_id"] as? String ?? "")
      let labels = ServerAddress.encoded(
        JSON.object([
          "__scope__": .string(scope), "run_id": .string(identifier), "root_id": .string(root),
          "function_path": .string("SematicTests.double"), "root_function_path": .string("SematicTests.outer"),
        ]).canonical)
      let from = Int(Date().timeIntervalSince1970) - 3600
      let content =
        try server.call("GET", "/metrics/loss?labels=\(labels)&from_time=\(from)")["content"] as? [String: Any]
      return "\(content?["metric_type"] ?? "") \(((content?["series"] as? [[Any]]) ?? []).map { "\($0[0])" })"
    }
    #expect(try metrics(executed, scope: "0") == metrics(try step(recorded[0]), scope: "0"))
    let points = try metrics(executed, scope: "0")
    #expect(points.contains("0.5"), "\(points)")

    // The program's commit: as Python's, where both are launched.
    let child = try ChildProcess(
      [try TestProgram.path(), "world"], output: folder.file("log"),
      environment: ["HOME": folder.path, "SEMATIC_API_ADDRESS": server.address, "PATH": "/usr/bin:/bin"],
      folder: folder.path)
    #expect(child.wait() == 0)
    let swift = try #require(try server.runs().first { $0["name"] as? String == "greet" }?["id"] as? String)
    let git = try [swift, recorded[0]].map { run in
      let found = try #require(try server.resolution(run)["git_info_json"] as? [String: Any])
      return found.mapValues { "\($0)" }
    }
    #expect(git[0] == git[1])
    #expect(git[0]["branch"] == "topic" && git[0]["remote"] == "https://example.com/it.git")
    let read = try #require(await GitInformation.read(in: [folder.path]))
    #expect(CacheNamespace.gitCommit.text(read) == "\(read.commit)+True")
  }

  @Test(.enabled(if: SematicServer.isAvailable)) func `the key of the cache is Python's`() async throws {
    let script = """
      import sys, types, sematic
      from sematic.caching import get_future_cache_key
      from dataclasses import dataclass
      @dataclass
      class Point:
          x: float
      def made(name, function):
          function.__module__ = "SematicTests"
          return sematic.func(function)
      def text(a: int, b: str) -> str: return b
      def truth(input: float) -> bool: return True
      def number(input: bool) -> int: return 1
      Point.__module__ = "geometry"; Point.__qualname__ = "Point"
      module = types.ModuleType("geometry"); module.Point = Point; sys.modules["geometry"] = module
      def point(input: str) -> Point: return Point(x=1.)
      for future in (made("text", text)(a=1, b="x"), made("truth", truth)(input=0.5), made("number", number)(input=True), made("point", point)(input="ä")):
          future.resolved_kwargs = dict(future.kwargs)
          print("key", get_future_cache_key("n", future))
      """
    let folder = try TemporaryFolder("keys")
    let python = try ChildProcess.run(
      [try SematicServer.program("python"), "-c", script], environment: ["HOME": folder.path, "PATH": "/usr/bin:/bin"])
    let keys = python.output.split(separator: "\n").filter { $0.hasPrefix("key ") }.map { String($0.dropFirst(4)) }
    struct Pair: Codable, Sendable {
      var a: Int
      var b: String
    }
    struct Point: Codable, Sendable, SematicNamed {
      var x: Double
      static let sematicName = "geometry.Point"
    }
    func key<Input, Output>(_ function: SematicFunction<Input, Output>, _ input: Input) async throws -> String {
      let run = try RunRecord(
        function.registration, arguments: try await Artifact.arguments(of: input), within: nil)
      return CacheKey.text(function.registration, run.inputArtifacts, namespace: "n")
    }
    #expect(
      keys == [
        try await key(SematicFunction("text") { (pair: Pair) in pair.b }, Pair(a: 1, b: "x")),
        try await key(SematicFunction("truth") { (_: Double) in true }, 0.5),
        try await key(SematicFunction("number") { (_: Bool) in 1 }, true),
        try await key(SematicFunction("point") { (_: String) in Point(x: 1) }, "ä"),
      ], "\(python.output)")
    // A structure that Python does not have: by its fields.
    struct Old: Codable, Sendable { var x: Double }
    let old = try await key(SematicFunction("f") { (_: Int) in Old(x: 1) }, 1)
    do {
      struct Old: Codable, Sendable { var (x, y) = (1.0, 2.0) }
      #expect(try await key(SematicFunction("f") { (_: Int) in Old() }, 1) != old)
    }
  }

  @Test func `namespaces are as long as the server's clients make them`() {
    #expect(CacheNamespace(String(repeating: "é", count: 60)).text(nil) == String(repeating: "é", count: 50))
    #expect(CacheNamespace.gitCommit.text(nil) == nil)
  }

  @Test func `what git says is understood`() throws {
    let clean = "# branch.oid 0123abcd\n# branch.head (detached)\n"
    let read = try #require(GitInformation(status: clean, remote: nil))
    #expect(read.commit == "0123abcd" && read.branch == "HEAD is detached" && !read.isDirty && read.document == nil)
    #expect(GitInformation(status: clean + "1 .M N... 100644 100644 100644 a b c\n", remote: "x")?.isDirty == true)
    #expect(GitInformation(status: "# branch.oid (initial)\n# branch.head main\n", remote: nil) == nil)
    #expect(GitInformation(status: "", remote: nil) == nil)
  }

  @Test(arguments: GitAddress.all) func `the address of a remote has nothing that is secret in it`(address: GitAddress)
    throws
  {
    let read = try #require(
      GitInformation(status: "# branch.oid 0123abcd\n# branch.head main\n", remote: Substring(address.text)))
    #expect(read.remote == address.record)
    #expect(address.record?.contains(/s3|cret/) != true)
  }

  @Test func `a function that takes too long is canceled, and tried again where it may`() async throws {
    let calls = Count()
    let slow = SematicFunction(
      "slow", retry: RetrySettings(retries: 1) { ($0 as? SematicError)?.code == .timedOut }, timeout: .milliseconds(50)
    ) { () async throws -> Int in
      let call = await calls.next()
      if call == 1 { try await Task.sleep(nanoseconds: 600_000_000_000) }
      return call
    }
    #expect(try await slow.resolve(with: SilentResolver()).output == 2)
    let never = SematicFunction("never", timeout: .milliseconds(50)) { () async throws -> Int in
      try await Task.sleep(nanoseconds: 600_000_000_000)
      return 1
    }
    let error = await #expect(throws: SematicError.self) { try await never.resolve(with: SilentResolver()) }
    #expect(error?.code == .timedOut)
    #expect(error?.description == "the function SematicTests.never has not ended within its timeout of 0.05 seconds")
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a timeout fails the function, and cancels its steps`() async throws {
    let server = try SematicServer()
    let sleeping = SematicFunction("sleeping") { () async throws -> Int in
      try await Task.sleep(nanoseconds: 600_000_000_000)
      return 1
    }
    let limited = SematicFunction("limited", timeout: .seconds(600)) { () async throws -> Int in try await sleeping() }
    var states: [String: String] = [:]
    // A busy machine takes longer than the first limit to come as far as the step.
    for seconds in [2, 10, 60] where states["sleeping"] == nil {
      let outer = SematicFunction("outer") { () async throws -> Int in
        do {
          return try await limited.setting(timeout: .seconds(seconds))()
        } catch let error as SematicError where error.code == .timedOut {
          return 7
        }
      }
      let result = try await outer.resolve(with: resolver(server))
      #expect(result.output == 7)
      let runs = try server.runs().filter { $0["root_id"] as? String == result.run?.id }
      states = Dictionary(
        runs.map { ($0["name"] as? String ?? "", $0["future_state"] as? String ?? "") }, uniquingKeysWith: { $1 })
    }
    #expect(states == ["outer": "RESOLVED", "limited": "FAILED", "sleeping": "CANCELED"])
  }

  @Test func `a metric without a run is nothing, and one that is no number a mistake`() async throws {
    try await logMetric("loss", 1)
    let error = await #expect(throws: SematicError.self) { try await logMetric("loss", .nan) }
    #expect(error?.description == "the metric 'loss' is nan, which the server cannot keep")
  }

  @Test func `a query is encoded`() {
    #expect(ServerAddress.encoded("{\"a\": [ä~-._9]}") == "%7B%22a%22%3A%20%5B%C3%A4%7E-._9%5D%7D")
  }

  @Test func `steps wait for their turn, and a canceled one does not take it`() async throws {
    let limit = ConcurrencyLimit(2)
    let (running, most) = (Guarded(0), Guarded(0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<10 {
        group.addTask {
          try await limit.perform {
            let now = running.withLock { count -> Int in
              count += 1
              return count
            }
            most.withLock { $0 = max($0, now) }
            for _ in 0..<10 { await Task.yield() }
            running.withLock { $0 -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(most.withLock { $0 } == 2)
    let one = ConcurrencyLimit(1)
    try await one.perform {
      let waiting = Task { try await one.perform {} }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
    try await one.perform {}
  }
}
