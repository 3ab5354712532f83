/// Writes runs to the server, and reads them.
struct Recorder: Sendable {
  let server: Server

  /// Stores what the run has made, and then the run, which refers to it.
  func save(_ run: Run) throws {
    for artifact in run.artifacts { try store(artifact) }
    let graph: [String: JSON] = [
      "runs": .array([.object(run.row)]), "artifacts": .array(run.artifacts.map(\.row)),
      "edges": .array(run.edges.map(JSON.object)),
    ]
    try server.call("save the run", "PUT", "/graph", .object(["graph": .object(graph)]))
    announce("graph", ["run_id": .string(run.root)])
  }

  func save(_ resolution: Resolution, of run: Run) throws {
    let body = JSON.object(["resolution": .object(resolution.row)])
    try server.call("save the resolution", "PUT", "/resolutions/\(run.root)", body)
    announce("pipeline", ["function_path": .string(run.functionPath)])
  }

  /// The run with its own edges.
  func run(_ identifier: String) throws -> Run {
    let operation = "read the run"
    let graph = try server.call(operation, "GET", "/runs/\(identifier)/graph?root=0")
    let row = graph["runs"]?.elements?.compactMap(\.members).first { $0["id"]?.text == identifier }
    guard let row, let edges = graph["edges"]?.elements else {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "there is no run \(identifier)")
    }
    return Run(row: row, edges: edges.compactMap(\.members))
  }

  /// All runs of a pipeline, without their edges.
  func runs(of root: String) throws -> [Run] {
    let graph = try server.call("read the runs", "GET", "/runs/\(root)/graph?root=1")
    return (graph["runs"]?.elements ?? []).compactMap(\.members).map { Run(row: $0, edges: []) }
  }

  /// Why a run failed: where it was by a step, the step's reason.
  func failure(of run: Run) throws -> SematicError {
    func error(_ run: Run) -> SematicError? {
      run.failure.map { .runFailed(id: run.identifier, name: $0.name, message: $0.message) }
    }
    if let own = error(run) { return own }
    if run.state == "NESTED_FAILED" {
      let failed = try runs(of: run.root).filter { $0.state == "FAILED" }
      if let found = failed.lazy.compactMap(error).first { return found }
    }
    return .runFailed(id: run.identifier, name: "Failure", message: "no reason is given")
  }

  func resolution(_ identifier: String) throws -> Resolution {
    let operation = "read the resolution"
    guard var row = try server.call(operation, "GET", "/resolutions/\(identifier)")["content"]?.members else {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "there is no resolution \(identifier)")
    }
    // A part of the answer that is none of the resolution's own.
    row["user"] = nil
    return Resolution(row: row)
  }

  /// The value of an artifact.
  func value(of artifact: String) throws -> JSON {
    let bytes = try server.bytes("read an artifact", "/storage/artifacts/\(artifact)/data?origin=\(origin)")
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw SematicError.malformedValue("the artifact \(artifact) is not JSON: \(error)")
    }
  }

  private func store(_ artifact: Artifact) throws {
    let operation = "store an artifact"
    let place = try server.call(operation, "GET", "/storage/artifacts/\(artifact.identifier)/location?origin=\(origin)")
    guard let address = place["url"]?.text else {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "it names no place")
    }
    let headers = (place["request_headers"]?.members ?? [:]).compactMap { name, value in value.text.map { (name, $0) } }
    try server.put(operation, artifact.payload, at: address, headers: headers)
  }

  /// The server builds addresses of its storage from this.
  private var origin: String {
    "\(server.address.isSecure ? "https" : "http")://\(server.address.authority)"
  }

  /// Lets open pages of the UI show what has changed; nothing depends on it.
  private func announce(_ what: String, _ body: [String: JSON]) {
    _ = try? server.once.call("announce a change", "POST", "/events/\(what)/update", .object(body))
  }
}
