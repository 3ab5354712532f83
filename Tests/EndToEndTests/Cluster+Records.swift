import SematicOCI
import TestSupport

/// A pipeline's run, as the server has recorded it.
struct RecordedRun {
  let run: JSONValue
  let resolution: JSONValue
  /// This run and all below it.
  let runs: [JSONValue]
  let edges: [JSONValue]

  var status: String? { resolution["status"]?.string }
  var state: String? { run["future_state"]?.string }

  /// The images of the pipeline, by base tag.
  var images: [String: String] { resolution["container_image_uris"]?.object?.compactMapValues(\.string) ?? [:] }

  /// The only run of a function.
  func step(_ name: String) -> JSONValue? { runs.first { $0["name"]?.string == name } }

  /// The artifact that a run has left.
  func output(of run: JSONValue) -> String? {
    edges.first { $0["source_run_id"] == run["id"] }?["artifact_id"]?.string
  }
}

extension Cluster {
  /// Waits for the end of a pipeline's run.
  func outcome(of identifier: String) throws -> RecordedRun {
    do {
      let ends: Set = ["COMPLETE", "FAILED", "CANCELED"]
      let resolution = try server.wait(for: "/resolutions/\(identifier)", "status", toBe: ends)
      let states: Set = ["RESOLVED", "FAILED", "NESTED_FAILED", "CANCELED"]
      let run = try server.wait(for: "/runs/\(identifier)", "future_state", toBe: states)
      let graph = try server.get("/runs/\(identifier)/graph?root=1")
      return RecordedRun(
        run: run, resolution: resolution, runs: graph["runs"]?.array ?? [], edges: graph["edges"]?.array ?? [])
    } catch {
      let logs = try kubernetes.pods().map { "\($0.name) \($0.exitStatus.map(String.init) ?? "runs"):\n\($0.log)" }
      throw ChildProcess.Failure("\(error)\n\(logs.joined(separator: "\n"))\n\(kubernetes.log)")
    }
  }

  /// The value that a run has left, as JSON.
  func output(of run: JSONValue, in record: RecordedRun) throws -> JSONValue {
    guard let artifact = record.output(of: run) else { throw ChildProcess.Failure("the run has no output: \(run)") }
    return try server.get("/storage/artifacts/\(artifact)/data?origin=\(server.address)")
  }
}
