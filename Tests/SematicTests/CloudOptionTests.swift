import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

/// Options of pipelines that run on Kubernetes: jobs are processes of the test program.
@Suite(.enabled(if: SematicServer.isAvailable)) struct CloudOptionTests {
  private static let image = "registry.test/team/app@sha256:" + String(repeating: "0a", count: 32)

  private struct Pipeline {
    let cluster: ProcessCluster
    let kubernetes: ScriptedServer
    let server: SematicServer

    init() throws {
      cluster = try ProcessCluster()
      kubernetes = try cluster.serve()
      server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    }

    func launch(_ arguments: String...) throws -> String {
      let result = try ChildProcess.run(
        [try TestProgram.path(), "parts"] + arguments,
        environment: [
          "HOME": "/nonexistent", "SEMATIC_API_ADDRESS": server.address,
          "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(CloudOptionTests.image)::extra##\(CloudOptionTests.image)",
        ])
      let line = result.output.split(separator: "\n").first { $0.hasPrefix("run: ") }
      return String(try #require(line, "\(result.output)").dropFirst(5))
    }

    /// The runs of a pipeline that has ended.
    func runs(_ root: String) throws -> [[String: Any]] {
      _ = try server.wait(for: "/resolutions/\(root)", "status", toBe: ["COMPLETE", "FAILED", "CANCELED"])
      return try #require(try server.call("GET", "/runs/\(root)/graph?root=1")["runs"] as? [[String: Any]])
    }

    func run(_ name: String, of root: String) throws -> [String: Any] {
      try #require(try runs(root).first { $0["name"] as? String == name }, "\(cluster.logs)")
    }

    func jobs(_ root: String) throws -> Int {
      let own = Set(try runs(root).compactMap { $0["id"] as? String })
      return cluster.containers.count { ($0["args"] as? [String])?.contains(where: own.contains) == true }
    }
  }

  @Test func `parallelism, the driver's resources, names, the cache and reruns`() throws {
    let pipeline = try Pipeline()
    let first = try pipeline.launch("1", "2", "3", "max=1", "memory=3Gi", "cache=numbers")
    let root = try pipeline.run("the parts", of: first)
    #expect(root["future_state"] as? String == "RESOLVED", "\(pipeline.cluster.logs)")
    #expect(root["tags"] as? [String] == ["numbers"])
    let driver = try #require(
      pipeline.cluster.containers.first { ($0["args"] as? [String])?.contains("--resolve") == true })
    #expect(driver["args"] as? [String] == ["--run_id", first, "--resolve", "--max-parallelism", "1"])
    #expect(((driver["resources"] as? [String: Any])?["requests"] as? [String: String]) == ["memory": "3Gi"])
    let resources = try #require(try pipeline.server.resolution(first)["resource_requirements_json"] as? String)
    #expect(resources.contains("3Gi"))
    // One after the other.
    let times = try pipeline.runs(first).filter { $0["name"] as? String == "part" }
      .map { ($0["started_at"] as? String ?? "", $0["resolved_at"] as? String ?? "") }.sorted { $0.0 < $1.0 }
    #expect(times.count == 3)
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(earlier.1 <= later.0, "\(times)") }
    let labels = ServerAddress.encoded("{\"root_function_path\": \"SematicTestProgram.parts\"}")
    let metric = try pipeline.server.call("GET", "/metrics/part?labels=\(labels)")["content"] as? [String: Any]
    #expect((metric?["series"] as? [Any])?.isEmpty == false, "\(String(describing: metric))")

    // The second launch finds what the first one has returned.
    let second = try pipeline.launch("1", "2", "4", "cache=numbers")
    #expect(try pipeline.run("the parts", of: second)["future_state"] as? String == "RESOLVED")
    #expect(try pipeline.jobs(second) == 2)
    #expect(try pipeline.runs(second).count { $0["original_run_id"] is String } == 2)

    // By the UI's call, from the last step on.
    let total = try #require(try pipeline.run("total", of: first)["id"] as? String)
    let answer = try pipeline.server.call(
      "POST", "/resolutions/\(first)/rerun", body: "{\"rerun_from\": \"\(total)\"}")
    let third = try #require((answer["content"] as? [String: Any])?["root_id"] as? String)
    #expect(
      try pipeline.run("the parts", of: third)["future_state"] as? String == "RESOLVED", "\(pipeline.cluster.logs)")
    #expect(try pipeline.jobs(third) == 1)
    #expect(try pipeline.run("total", of: third)["original_run_id"] as? String == nil)
    #expect(try pipeline.runs(third).count { $0["original_run_id"] is String } == 3)

    // After a failure.
    let failed = try pipeline.launch("5", "-6", "max=1")
    #expect(try pipeline.run("the parts", of: failed)["future_state"] as? String == "NESTED_FAILED")
    let continued = try pipeline.launch("5", "-6", "continue=\(failed)")
    #expect(
      try pipeline.run("the parts", of: continued)["future_state"] as? String == "RESOLVED", "\(pipeline.cluster.logs)")
    let reused = try pipeline.runs(failed).count { $0["future_state"] as? String == "RESOLVED" }
    #expect(try pipeline.runs(continued).count { $0["original_run_id"] is String } == reused)
    #expect(try pipeline.jobs(continued) == 3 - reused)

    pipeline.kubernetes.stop()
  }

  @Test func `a step that is too slow is ended, and its container`() throws {
    let pipeline = try Pipeline()
    // A busy machine takes longer than the first limit to come as far as the step.
    var state: String?
    for seconds in ["3.5", "30.5"] where state == nil {
      let root = try pipeline.launch("0", "timeout=\(seconds)")
      let run = try pipeline.run("the parts", of: root)
      #expect(run["future_state"] as? String == "FAILED", "\(pipeline.cluster.logs)")
      let error = try #require(run["exception_metadata_json"] as? [String: Any])
      let sentence = "has not ended within its timeout of \(seconds) seconds"
      #expect((error["repr"] as? String)?.contains(sentence) == true, "\(error)")
      let part = try pipeline.runs(root).first { $0["name"] as? String == "part" }
      state = part?["future_state"] as? String
    }
    #expect(state == "CANCELED")
    pipeline.cluster.wait()
    pipeline.kubernetes.stop()
  }

  @Test func `a step that is started again ends what it has left, and uses what is done`() throws {
    let pipeline = try Pipeline()
    let root = try pipeline.launch("0")
    var left: String?
    for _ in 0..<600 where left == nil {
      usleep(100_000)
      left =
        try pipeline.server.runs()
        .first { $0["name"] as? String == "idle" && $0["future_state"] as? String == "SCHEDULED" }?["id"] as? String
    }
    let idle = try #require(left, "\(pipeline.cluster.logs)")
    let step = try #require(try pipeline.server.runs().first { $0["name"] as? String == "part" }?["id"] as? String)
    try pipeline.cluster.restartJob(of: step)
    #expect(
      try pipeline.run("the parts", of: root)["future_state"] as? String == "RESOLVED", "\(pipeline.cluster.logs)")
    let runs = try pipeline.runs(root).filter { $0["name"] as? String == "slow" }
    #expect(try pipeline.run("idle", of: root)["future_state"] as? String == "CANCELED")
    #expect(pipeline.kubernetes.lines.contains { $0.hasPrefix("DELETE ") && $0.contains("sematic-worker-\(idle)") })
    // Its program would sleep for ten minutes.
    pipeline.cluster.wait()
    // The first call is that of the pod before; the second one has been called anew.
    #expect(runs.map { $0["future_state"] as? String } == ["RESOLVED", "RESOLVED"])
    pipeline.kubernetes.stop()
  }
}
