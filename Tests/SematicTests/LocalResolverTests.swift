import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

private struct Sum: Codable, Sendable {
  var numbers: [Int]
  var label: String?
}

private struct Broken: Error, CustomStringConvertible {
  var description: String { "the sum is broken" }
}

private let double = SematicFunction("double") { (number: Int) in number * 2 }
private let sum = SematicFunction("sum") { (input: Sum) async throws -> Int in
  var total = 0
  for number in input.numbers {
    guard number >= 0 else { throw Broken() }
    total += try await double(number)
  }
  return total
}

/// How often a function was called, over all its attempts.
private actor Calls {
  private(set) var count = 0

  func next() -> Int {
    count += 1
    return count
  }
}

/// Fails on its first calls.
private func flaky(_ failures: Int, _ calls: Calls, retries: Int) -> SematicFunction<NoInput, Int> {
  SematicFunction(
    "flaky", standalone: true, baseImageTag: "gpu", retry: RetrySettings(retries: retries) { $0 is Broken }
  ) {
    let call = await calls.next()
    guard call > failures else { throw Broken() }
    return call
  }
}

@Suite struct LocalResolverTests {
  @Test func `without a server the pipeline runs unrecorded`() async throws {
    let resolver = LocalResolver(environment: [:])
    let result = try await sum.with(Sum(numbers: [1, 2])).resolve(with: resolver)
    #expect(result.output == 6)
    #expect(result.run == nil)
  }

  @Test func `a failure is that of the function`() async {
    let resolver = LocalResolver(environment: [:])
    await #expect(throws: Broken.self) { try await sum.with(Sum(numbers: [-1])).resolve(with: resolver) }
  }

  @Test func `a function is run again as often as its settings say`() async throws {
    let resolver = LocalResolver(environment: [:])
    #expect(try await flaky(2, Calls(), retries: 2).resolve(with: resolver).output == 3)
    await #expect(throws: Broken.self) { try await flaky(3, Calls(), retries: 2).resolve(with: resolver) }
    let calls = Calls()
    let picky = SematicFunction("picky", retry: RetrySettings(retries: 5) { $0 is CancellationError }) {
      () async throws -> Int in
      _ = await calls.next()
      throw Broken()
    }
    await #expect(throws: Broken.self) { try await picky.resolve(with: resolver) }
    #expect(await calls.count == 1)
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `steps that are standalone run here, again where they may, and their failure is their caller's`() async throws {
    let server = try SematicServer()
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    let calling = SematicFunction("calling") { (failures: Int) in
      try await flaky(failures, Calls(), retries: 1)()
    }
    let done = try await calling.with(1).resolve(with: resolver)
    #expect(done.output == 2)
    func states(of identifier: String) throws -> [String?] {
      let graph = try server.call("GET", "/runs/\(identifier)/graph?root=1")
      let runs = try #require(graph["runs"] as? [[String: Any]])
      return ["calling", "flaky"].map { name in
        runs.first { $0["name"] as? String == name }?["future_state"] as? String
      }
    }
    #expect(try states(of: try #require(done.run?.id)) == ["RESOLVED", "RESOLVED"])

    await #expect(throws: Broken.self) { try await calling.with(2).resolve(with: resolver) }
    let failed = try #require(try server.runs().first { $0["name"] as? String == "calling" })
    let identifier = try #require(failed["id"] as? String)
    #expect(try states(of: identifier) == ["NESTED_FAILED", "FAILED"])
    #expect(try server.resolution(identifier)["status"] as? String == "FAILED")
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `where one of two steps fails, the other is canceled`() async throws {
    let server = try SematicServer()
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    let slow = SematicFunction("slow") { () async throws -> Int in
      try await Task.sleep(nanoseconds: 600_000_000_000); return 1
    }
    let both = SematicFunction("both") { () async throws -> Int in
      async let first = slow()
      async let second = sum(Sum(numbers: [-1]))
      return try await second + first
    }
    await #expect(throws: Broken.self) { try await both.resolve(with: resolver) }
    let states = try Dictionary(
      server.runs().map { ($0["name"] as? String ?? "", $0["future_state"] as? String ?? "") }
    ) { $1 }
    #expect(states == ["both": "NESTED_FAILED", "slow": "CANCELED", "sum": "FAILED"])
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a run is recorded on the real server with its steps, inputs and output`() async throws {
    let server = try SematicServer()
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    let result = try await sum.with(Sum(numbers: [1, 2], label: "x")).resolve(with: resolver)
    #expect(result.output == 6)
    let told = SematicFunction("told", tags: ["a", "b"]) { RunInformation.current?.id ?? "" }
    let own = try await told.resolve(with: resolver)
    #expect(own.output == own.run?.id)
    #expect(try server.run(own.output)["tags"] as? [String] == ["a", "b"])
    let identifier = try #require(result.run?.id)
    #expect(result.run?.address == "\(server.address)/runs/\(identifier)")
    let run = try server.run(identifier)
    #expect(run["future_state"] as? String == "RESOLVED")
    #expect(run["name"] as? String == "sum")
    #expect(run["function_path"] as? String == "SematicTests.sum")
    let resolution = try server.resolution(identifier)
    #expect(resolution["status"] as? String == "COMPLETE")
    #expect(resolution["kind"] as? String == "LOCAL")

    let graph = try server.call("GET", "/runs/\(identifier)/graph?root=1")
    let runs = try #require(graph["runs"] as? [[String: Any]])
    #expect(runs.count == 3)
    let steps = runs.filter { $0["parent_id"] as? String == identifier }
    #expect(steps.map { $0["future_state"] as? String } == ["RESOLVED", "RESOLVED"])

    // The values, as the Python client reads them.
    let script = """
      import sematic.api_client as api
      runs, artifacts, edges = api.get_graph("\(identifier)")
      found = {a.id: a for a in artifacts}
      for edge in sorted(edges, key=lambda e: str(e.destination_name)):
          print(edge.destination_name, repr(api.get_artifact_value(found[edge.artifact_id])))
      """
    let folder = try TemporaryFolder("client")
    let read = try ChildProcess.run(
      [try SematicServer.program("python"), "-c", script],
      environment: [
        "SEMATIC_API_ADDRESS": server.address, "SEMATIC_SERVER_ADDRESS": server.address, "HOME": folder.path,
        "PATH": "/usr/bin:/bin",
      ])
    #expect(read.output.contains("None 6\nlabel 'x'\nnumbers [1, 2]\n"), "\(read.output)")
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a failure is recorded on the real server with the error's type and text`() async throws {
    let server = try SematicServer()
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    await #expect(throws: Broken.self) { try await sum.with(Sum(numbers: [-1])).resolve(with: resolver) }
    let run = try #require(try server.runs().first)
    #expect(run["future_state"] as? String == "FAILED")
    let error = try #require(run["exception_metadata_json"] as? [String: Any])
    #expect(error["name"] as? String == "Broken")
    #expect((error["repr"] as? String)?.contains("the sum is broken") == true)
    let identifier = try #require(run["id"] as? String)
    #expect(try server.resolution(identifier)["status"] as? String == "FAILED")
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a run that is canceled on the real server stops here, and stays canceled`() async throws {
    let server = try SematicServer()
    let sleep = SematicFunction("sleep") {
      try await Task.sleep(nanoseconds: 600_000_000_000); return 1
    }
    var resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    resolver.interval = 0.05
    let waiting = Task { [resolver] in try await sleep.resolve(with: resolver) }
    var identifier: String?
    while identifier == nil {
      // The pipeline needs a thread, too, of which there are few.
      try await Task.sleep(nanoseconds: 50_000_000)
      let run = try server.runs().first { $0["future_state"] as? String == "SCHEDULED" }
      identifier = run?["id"] as? String
    }
    let canceled = try #require(identifier)
    _ = try server.call("PUT", "/resolutions/\(canceled)/cancel", body: "{}")
    await #expect(throws: SematicError.canceled(id: canceled)) { try await waiting.value }
    #expect(try server.run(canceled)["future_state"] as? String == "CANCELED")
    #expect(try server.resolution(canceled)["status"] as? String == "CANCELED")
  }
}
