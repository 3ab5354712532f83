import Foundation
import TestSupport
import Testing

@testable import Sematic

@Suite(.enabled(if: SematicServer.isAvailable)) struct StandaloneStepTests {
  private static let image = "registry.test/team/app@sha256:" + String(repeating: "0a", count: 32)
  private static let extra = "registry.test/team/app@sha256:" + String(repeating: "1b", count: 32)

  private func environment(_ server: SematicServer, images: String) -> [String: String] {
    ["HOME": "/nonexistent", "SEMATIC_API_ADDRESS": server.address, "SEMATIC_CONTAINER_IMAGE_URIS": images]
  }

  private func launch(_ arguments: [String], on server: SematicServer) throws -> ChildProcess.Result {
    let images = "::default##\(Self.image)::extra##\(Self.extra)"
    return try ChildProcess.run(
      [try TestProgram.path(), "remote"] + arguments, environment: environment(server, images: images))
  }

  /// The newest runs of both functions.
  private func runs(_ server: SematicServer) throws -> (root: [String: Any], step: [String: Any]) {
    let runs = try server.runs()
    return (
      try #require(runs.first { $0["name"] as? String == "greet" }),
      try #require(runs.first { $0["name"] as? String == "distant" })
    )
  }

  private func identifier(_ run: [String: Any]) throws -> String { try #require(run["id"] as? String) }

  @Test func `a standalone step has a job of its own with the image of its base tag`() throws {
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    let done = try launch(["world", "wait"], on: server)
    #expect(done.status == 0, "\(done.output) \(cluster.logs)")
    #expect(done.output.contains("output: \(Self.extra)"), "\(done.output)")
    var (root, step) = try runs(server)
    #expect(root["future_state"] as? String == "RESOLVED")
    #expect(root["container_image_uri"] as? String == Self.image)
    #expect(step["future_state"] as? String == "RESOLVED")
    #expect(step["container_image_uri"] as? String == Self.extra)
    #expect(step["parent_id"] as? String == root["id"] as? String)
    let stepIdentifier = try identifier(step)
    let job = try #require(cluster.containers.first { $0["args"] as? [String] == ["--run_id", stepIdentifier] })
    #expect(job["image"] as? String == Self.extra)
    let resources = try #require(job["resources"] as? [String: Any])
    #expect((resources["requests"] as? [String: String])?["cpu"] == "250m")
    let template = (cluster.documents.compactMap { $0["spec"] as? [String: Any] }).compactMap { $0["template"] }
    let pods = "\(template)"
    #expect(pods.contains("a100") && pods.contains("NoSchedule"), "\(pods)")
    #expect(pods.contains("sematic-func-secrets") && pods.contains("/dev/shm"), "\(pods)")

    // Failing there: the caller learns the name and the text of the error, and is failed by its step.
    let failed = try launch(["nobody", "wait"], on: server)
    #expect(failed.status == 1)
    #expect(failed.output.contains("failed: Refusal: nobody is called 'nobody'"), "\(failed.output)")
    (root, step) = try runs(server)
    #expect(root["future_state"] as? String == "NESTED_FAILED")
    #expect(step["future_state"] as? String == "FAILED")
    _ = try server.wait(for: "/resolutions/\(try identifier(root))", "status", toBe: ["FAILED"])

    // Dying there, without a word.
    let killed = try launch(["killed", "wait"], on: server)
    #expect(killed.status == 1)
    (root, step) = try runs(server)
    #expect(root["future_state"] as? String == "NESTED_FAILED", "\(cluster.logs)")
    #expect(step["future_state"] as? String == "FAILED")
    #expect(killed.output.contains("the run \(try identifier(step)) failed: KubernetesError"), "\(killed.output)")

    // Failing once, with retries: another job of the same run.
    let retried = try launch(["trouble", "wait"], on: server)
    #expect(retried.status == 0, "\(retried.output) \(cluster.logs)")
    (root, step) = try runs(server)
    #expect(step["future_state"] as? String == "RESOLVED")
    let again = try identifier(step)
    #expect(cluster.containers.count { $0["args"] as? [String] == ["--run_id", again] } == 2)
    kubernetes.stop()
  }

  /// Waits for a step that has a job.
  private func scheduledStep(_ server: SematicServer) throws -> String {
    for _ in 0..<600 {
      let found = try server.runs().first {
        $0["name"] as? String == "distant" && $0["future_state"] as? String == "SCHEDULED"
      }
      if let found { return try identifier(found) }
      usleep(100_000)
    }
    throw ChildProcess.Failure("no step was scheduled: \(server.log.suffix(4_000))")
  }

  @Test func `canceling the pipeline ends the wait and the step`() throws {
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    let folder = try TemporaryFolder("launch")
    let waiting = try ChildProcess(
      [try TestProgram.path(), "remote", "sleeper", "wait"], output: folder.file("log"),
      environment: environment(server, images: "::default##\(Self.image)::extra##\(Self.extra)"))
    _ = try scheduledStep(server)
    let (root, _) = try runs(server)
    _ = try server.call("PUT", "/resolutions/\(try identifier(root))/cancel", body: "{}")
    cluster.wait()
    #expect(waiting.wait() == 1)
    _ = try waiting.waitUntil(folder.file("log")) {
      $0.contains("the run \(try identifier(root)) was canceled") ? true : nil
    }
    let ended = try runs(server)
    #expect(ended.root["future_state"] as? String == "CANCELED")
    #expect(ended.step["future_state"] as? String == "CANCELED")
    kubernetes.stop()
  }

  private func expectEnd(of step: String, beforeTheLastJobOf kubernetes: ScriptedServer) throws {
    let lines = kubernetes.lines
    let end = try #require(lines.firstIndex { $0.hasPrefix("DELETE ") && $0.contains("sematic-worker-\(step)") })
    let next = try #require(lines.lastIndex { $0.hasPrefix("POST ") })
    #expect(end < next)
  }

  @Test func `where one of two steps fails, the other is canceled and its job ended`() throws {
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    let done = try launch(["siblings", "wait"], on: server)
    #expect(done.status == 0, "\(done.output) \(cluster.logs)")
    #expect(done.output.contains("failed: Refusal: nobody is called 'nobody', then \(Self.extra)"), "\(done.output)")
    let steps = try server.runs().filter { $0["name"] as? String == "distant" }
    #expect(Set(steps.map { $0["future_state"] as? String }) == ["CANCELED", "FAILED", "RESOLVED"])
    let canceled = try #require(steps.first { $0["future_state"] as? String == "CANCELED" })
    // Before the next step begins: it is not the end of the pipeline that ends it.
    try expectEnd(of: try identifier(canceled), beforeTheLastJobOf: kubernetes)
    // Its program, too: it would sleep for ten minutes.
    cluster.wait()
    kubernetes.stop()
  }

  @Test func `a step whose container does not start is given up, and says what it waited for`() throws {
    let cluster = try ProcessCluster(absent: Self.extra)
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    #expect(try launch(["world", "hurry"], on: server).status == 0)
    let root = try identifier(try #require(try server.runs().first { $0["name"] as? String == "greet" }))
    _ = try server.wait(for: "/resolutions/\(root)", "status", toBe: ["COMPLETE", "FAILED", "CANCELED"])
    let ended = try runs(server)
    #expect(ended.root["future_state"] as? String == "NESTED_FAILED")
    #expect(ended.step["future_state"] as? String == "FAILED")
    let step = try identifier(ended.step)
    let error = try #require(ended.step["exception_metadata_json"] as? [String: Any])
    let text = try #require(error["repr"] as? String)
    #expect(text.contains("the container of the step \(step) has not started in 1 s; its image is \(Self.extra)"))
    #expect(text.contains("ImagePullBackOff"), "\(text)")
    #expect(text.contains("hint: check that the cluster can pull this image"))
    #expect(cluster.logs.contains(text.split(separator: "\n").last ?? "?"), "\(cluster.logs)")
    #expect(kubernetes.lines.contains { $0.hasPrefix("DELETE ") && $0.contains("sematic-worker-\(step)") })
    kubernetes.stop()
  }

  @Test func `a step that no node has room for says so while it waits`() throws {
    let cluster = try ProcessCluster(absent: Self.extra, unschedulable: "0/1 nodes are available: 1 Insufficient cpu.")
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    #expect(try launch(["world"], on: server).status == 0)
    let (step, root) = (try scheduledStep(server), try identifier(runs(server).root))
    for _ in 0..<600 where !cluster.logs.contains("0/1 nodes") { usleep(100_000) }
    #expect(
      cluster.logs.contains(
        "run \(step): its container has not started yet: Pod is not scheduled. Reason: Unschedulable: 0/1 nodes are available"
      ),
      "\(cluster.logs)")
    _ = try server.call("PUT", "/resolutions/\(root)/cancel", body: "{}")
    cluster.wait()
    kubernetes.stop()
  }

  @Test func `a driver that is started again first ends the steps of the one before`() throws {
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    #expect(try launch(["left"], on: server).status == 0)
    let first = try scheduledStep(server)
    let root = try identifier(try runs(server).root)
    for _ in 0..<600 where !cluster.has("attempted") { usleep(100_000) }
    try cluster.restart("sematic-driver-\(root)")
    _ = try server.wait(for: "/resolutions/\(root)", "status", toBe: ["COMPLETE", "FAILED", "CANCELED"])
    #expect(try server.run(root)["future_state"] as? String == "RESOLVED", "\(cluster.logs)")
    #expect(try server.run(first)["future_state"] as? String == "CANCELED")
    #expect(try runs(server).step["future_state"] as? String == "RESOLVED")
    try expectEnd(of: first, beforeTheLastJobOf: kubernetes)
    cluster.wait()
    kubernetes.stop()
  }

  @Test func `a base tag without an image is refused before anything is created`() throws {
    let server = try SematicServer()
    let refused = try ChildProcess.run(
      [try TestProgram.path(), "world"], environment: environment(server, images: "::default##\(Self.image)"))
    #expect(refused.status == 1)
    #expect(refused.output.contains("the base tag 'extra', which was not built (there are default)"))
    #expect(refused.output.contains("hint: add 'extra' to the `bases` of the pipeline file"))
    #expect(try server.runs().isEmpty)
  }
}
