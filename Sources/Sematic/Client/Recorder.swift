/// Writes runs to the server, and reads them.
struct Recorder: Sendable {
  let client: SematicClient

  /// The same recorder without retries, for what may fail.
  var once: Recorder { Recorder(client: client.once) }

  /// Stores the run's artifacts, and then the run, which refers to them.
  func save(_ run: RunRecord) async throws {
    for artifact in run.artifacts { try await store(artifact) }
    let graph: [String: JSON] = [
      "runs": .array(([run] + run.companions).map { .object($0.row.members) }),
      "artifacts": .array(run.artifacts.map(\.row)),
      "edges": .array((run.edges + run.companions.flatMap(\.edges)).map { .object($0.row.members) }),
    ]
    try await client.call("save the run", "PUT", "/graph", .object(["graph": .object(graph)]))
    await announce("graph", ["run_id": .string(run.root)])
  }

  func save(_ resolution: ResolutionRecord, of run: RunRecord) async throws {
    let body = JSON.object(["resolution": .object(resolution.row.members)])
    try await client.call("save the resolution", "PUT", "/resolutions/\(run.root)", body)
    await announce("pipeline", ["function_path": .string(run.functionPath)])
  }

  /// The run with its own edges.
  func run(_ identifier: String) async throws -> RunRecord {
    let operation = "read the run"
    let graph = try await client.call(operation, "GET", "/runs/\(identifier)/graph?root=0")
    let row = graph["runs"]?.elements?.compactMap(\.members).first { $0["id"]?.text == identifier }
    guard let row, let edges = graph["edges"]?.elements else {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "there is no run \(identifier)")
    }
    return RunRecord(row: row, edges: edges.compactMap(\.members).map(EdgeRecord.init))
  }

  /// All runs of a pipeline.
  func graph(of root: String) async throws -> RunGraph {
    let graph = try await client.call("read the runs", "GET", "/runs/\(root)/graph?root=1")
    return RunGraph(
      (graph["runs"]?.elements ?? []).compactMap(\.members),
      (graph["edges"]?.elements ?? []).compactMap(\.members).map(EdgeRecord.init))
  }

  /// The oldest run that has succeeded, of those with this key.
  func cached(_ key: String) async throws -> RunRecord? {
    let terms = [("cache_key", key), ("future_state", RunState.resolved.rawValue)]
    let filters = JSON.object([
      "AND": .array(terms.map { .object([$0.0: .object(["eq": .string($0.1)])]) })
    ])
    let path = "/runs?filters=\(ServerAddress.encoded(filters.canonical))&limit=1&order=asc"
    let answer = try await client.call("look into the cache", "GET", path)
    guard let identifier = answer["content"]?.elements?.first?["id"]?.text else { return nil }
    return try await run(identifier)
  }

  /// Whether a run has called other functions.
  func hasSteps(_ run: String) async throws -> Bool {
    let filters = JSON.object(["parent_id": .object(["eq": .string(run)])])
    let path = "/runs?filters=\(ServerAddress.encoded(filters.canonical))&limit=1"
    return try await client.call("read the runs", "GET", path)["content"]?.elements?.isEmpty == false
  }

  /// The Kubernetes Jobs of a standalone run, the oldest first; none where the server keeps none.
  func jobs(of run: String) async throws -> [JSON] {
    do {
      let answer = try await client.call("look at the step's Job", "GET", "/runs/\(run)/jobs")
      return (answer["content"]?.elements ?? [])
        .sorted { $0["created_at"]?.text ?? "" < $1["created_at"]?.text ?? "" }
    } catch let error as SematicError where error.code == .refused {
      return []
    }
  }

  /// Why a run failed: the step's reason where a step failed.
  func failure(of run: RunRecord) async throws -> SematicError {
    func error(_ run: RunRecord) -> SematicError? {
      run.failure.map { .runFailed(id: run.identifier, name: $0.name, message: $0.message) }
    }
    if run.state == .nestedFailed {
      let failed = try await graph(of: run.root).runs.values.filter { $0.state == .failed }
      if let found = failed.lazy.compactMap(error).first { return found }
    }
    if let own = error(run) { return own }
    return .runFailed(id: run.identifier, name: "Failure", message: "no reason is given")
  }

  func resolution(_ identifier: String) async throws -> ResolutionRecord {
    let operation = "read the resolution"
    let answer = try await client.call(operation, "GET", "/resolutions/\(identifier)")
    guard var row = answer["content"]?.members else {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "there is no resolution \(identifier)")
    }
    // A part of the answer that is none of the resolution's own.
    row["user"] = nil
    return ResolutionRecord(row: row)
  }

  /// The value of the run's output.
  func output(of run: RunRecord) async throws -> JSONNode {
    guard let artifact = run.outputArtifact else {
      throw SematicError.unexpectedAnswer(
        operation: "read the run", reason: "it is \(RunState.resolved.rawValue), without an output")
    }
    return try await value(of: artifact)
  }

  /// The value of an artifact.
  func value(of artifact: String) async throws -> JSONNode {
    var attempt = 0
    while true {
      let bytes = try await client.bytes("read an artifact", "/storage/artifacts/\(artifact)/data?origin=\(origin)")
      do {
        return try await BlockingWork.shared.run { _ in try JSONDocument(bytes).root }
      } catch let error as JSONDocument.SyntaxError {
        attempt += 1
        guard attempt < min(4, client.retries.attempts) else {
          throw SematicError.malformedValue("the artifact \(artifact) is not JSON: \(error)")
        }
        // Whoever stores an equal value writes over it, and a server with storage of its own empties the file first:
        // https://github.com/sematic-ai/sematic/blob/main/sematic/plugins/storage/local_storage.py
        try await client.retries.pause(attempt)
      }
    }
  }

  private func store(_ artifact: Artifact) async throws {
    let operation = "store an artifact"
    let path = "/storage/artifacts/\(artifact.identifier)/location?origin=\(origin)"
    let location = try await client.call(operation, "GET", path)
    guard let address = location["url"]?.text else {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "it names no place")
    }
    let headers = (location["request_headers"]?.members ?? [:])
      .compactMap { name, value in value.text.map { (name, $0) } }
    try await client.put(operation, artifact.payload, at: address, headers: headers)
  }

  /// The server builds the addresses of its storage from this.
  private var origin: String { client.address.origin }

  /// Lets open pages of the UI show what has changed; nothing depends on it.
  func announce(_ what: String, _ body: [String: JSON]) async {
    _ = try? await client.once.call("announce a change", "POST", "/events/\(what)/update", .object(body))
  }
}
