import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

@Suite struct WorkerTests {
  @Test func `the arguments of a Job are understood, and unknown ones passed over`() throws {
    let run = String(repeating: "0a", count: 16)
    let order = try #require(
      try WorkerOrder(arguments: [
        "--run_id=\(run)", "--max-parallelism", "3", "--new", "--resolve", "--rerun-from", "x", "--rerun-mode",
        "CONTINUE",
      ]))
    #expect(order.run == run && order.resolves && order.maxParallelism == 3 && order.rerun == .continuing("x"))
    #expect(try WorkerOrder(arguments: ["--run_id", run, "--resolve", "--rerun-from=x"])?.rerun == .from("x"))
    #expect(try WorkerOrder(arguments: ["--run_id", run])?.resolves == false)
    #expect(try WorkerOrder(arguments: ["--resolve", "x"]) == nil)
    #expect(try WorkerOrder(arguments: []) == nil)
  }

  @Test(arguments: ["", "x", String(repeating: "0A", count: 16), "../../etc", String(repeating: "0", count: 33)])
  func `a run that is none is refused`(run: String) {
    #expect(throws: SematicError.self) { try WorkerOrder(arguments: ["--run_id", run]) }
    #expect(throws: SematicError.self) { try WorkerOrder(arguments: ["--run_id"]) }
  }

  /// The worker's program, started as the Job would start it: what it wrote, and its exit status.
  private func work(_ run: String, on address: String?) throws -> ChildProcess.Result {
    let folder = try TemporaryFolder("worker")
    var environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin", "ON_SEMATIC_WORKER": "1"]
    environment["SEMATIC_API_ADDRESS"] = address
    return try ChildProcess.run(
      [try TestProgram.path(), "--run_id", run, "--resolve"], environment: environment)
  }

  @Test func `a worker without a server says so`() throws {
    let result = try work(String(repeating: "0", count: 32), on: nil)
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("error: no Sematic server is configured"))
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a worker on the real server runs the function, and fails a run that it does not have`() async throws {
    let server = try SematicServer()
    // What CloudResolver makes, without a cluster to schedule it on.
    let created = try await Launched(server, name: "world")
    let done = try work(created.run, on: server.address)
    #expect(done.status == 0, "\(done.output)")
    #expect(try server.run(created.run)["future_state"] as? String == "RESOLVED")
    #expect(try server.resolution(created.run)["status"] as? String == "COMPLETE")

    // A pod that is started once more has nothing to do.
    let again = try work(created.run, on: server.address)
    #expect(again.status == 0)
    #expect(again.output.contains("nothing to do"))

    let failing = try await Launched(server, name: "nobody")
    #expect(try work(failing.run, on: server.address).status == 1)
    let failed = try server.run(failing.run)
    #expect(failed["future_state"] as? String == "FAILED")
    #expect((failed["exception_metadata_json"] as? [String: Any])?["name"] as? String == "Refusal")
    #expect(try server.resolution(failing.run)["status"] as? String == "FAILED")

    let foreign = try await Launched(server, name: "world", function: "Other.greet")
    let refused = try work(foreign.run, on: server.address)
    #expect(refused.status == 1)
    #expect(refused.output.contains("the function Other.greet, which this program does not have"))
    #expect(try server.run(foreign.run)["future_state"] as? String == "FAILED")

    let absent = try work(String(repeating: "0", count: 32), on: server.address)
    #expect(absent.status == 1)
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a canceled run ends its worker without an error`() async throws {
    let server = try SematicServer()
    let created = try await Launched(server, name: "sleeper")
    let folder = try TemporaryFolder("worker")
    let child = try ChildProcess(
      [try TestProgram.path(), "--run_id", created.run, "--resolve"], output: folder.file("log"),
      environment: ["HOME": folder.path, "SEMATIC_API_ADDRESS": server.address])
    _ = try child.waitUntil(folder.file("log"), seconds: 60) { $0.contains("run \(created.run)") ? true : nil }
    _ = try server.call("PUT", "/resolutions/\(created.run)/cancel", body: "{}")
    #expect(child.wait() == 0)
    #expect(try server.run(created.run)["future_state"] as? String == "CANCELED")
    #expect(try server.resolution(created.run)["status"] as? String == "CANCELED")
  }
}

/// The executable of Tests/SematicTestProgram.
enum TestProgram {
  static func path() throws -> String {
    let folder = FileTree.parent(of: try FileTree.resolved("/proc/self/exe"))
    return folder + "/SematicTestProgram"
  }
}

/// A run of the test program that waits to be run, as CloudResolver leaves it.
private struct Launched {
  let run: String

  init(_ server: SematicServer, name: String, function: String = "SematicTestProgram.greet") async throws {
    let remote = try SematicClient(address: server.address, key: nil)
    let recorder = Recorder(client: remote)
    let parts = function.split(separator: ".")
    let registration = Registration(
      name: String(parts[1]), description: nil, place: "\(parts[0])/X.swift:1", returns: "", output: Int?.self
    ) { _ in Artifact(try PythonValue.top(Int?.none)) }
    let arguments = try ["name": PythonValue.top(name), "times": .top(2), "mark": .top(String?.none)]
      .mapValues(Artifact.init)
    let run = try RunRecord(registration, arguments: arguments, within: nil)
    try await recorder.save(run)
    var resolution = ResolutionRecord(run: run.identifier, kind: .local, status: .scheduled, client: remote)
    try await recorder.save(resolution, of: run)
    resolution.status = .scheduled
    self.run = run.identifier
  }
}
