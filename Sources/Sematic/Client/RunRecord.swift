/// A run as the server keeps it, with its edges.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/run.py
struct RunRecord: Sendable {
  enum Field: String, CaseIterable {
    case identifier = "id"
    case root = "root_id"
    case parent = "parent_id"
    case original = "original_run_id"
    case nestedFuture = "nested_future_id"
    case state = "future_state"
    case name
    case functionPath = "function_path"
    case description, tags
    case source = "source_code"
    case image = "container_image_uri"
    case created = "created_at"
    case updated = "updated_at"
    case started = "started_at"
    case ended = "ended_at"
    case resolved = "resolved_at"
    case failed = "failed_at"
    case resources = "resource_requirements_json"
    case exception = "exception_metadata_json"
    case externalException = "external_exception_metadata_json"
    case cacheKey = "cache_key"
    case user = "user_id"
  }

  private(set) var row: Row<Field>
  private(set) var edges: [EdgeRecord]
  /// The artifacts that are not stored yet.
  var artifacts: [Artifact] = []

  init(row: [String: JSON], edges: [EdgeRecord]) {
    self.row = Row(row)
    self.edges = edges
  }

  /// A new run.
  init(_ function: Registration, arguments: [String: PythonValue], within context: RunContext?) throws {
    let identifier = System.identifier()
    let artifacts = arguments.mapValues(Artifact.init)
    self.artifacts = artifacts.sorted { $0.key < $1.key }.map(\.value)
    edges =
      artifacts.map { EdgeRecord(to: identifier, name: $0.key, artifact: $0.value.identifier) }
      + [EdgeRecord(from: identifier)]
    row = Row(Dictionary(uniqueKeysWithValues: Field.allCases.map { ($0.rawValue, JSON.null) }))
    row[text: .identifier] = identifier
    row[text: .root] = context?.root ?? identifier
    row[text: .parent] = context?.run
    row[text: .state] = RunState.created.rawValue
    row[text: .name] = function.name
    row[text: .functionPath] = function.path
    row[text: .description] = function.description
    row[.tags] = .array([])
    row[text: .source] = function.source
    row[text: .image] = context?.image
    row[text: .created] = System.now()
    row[.updated] = row[.created]
    row[.resources] = try function.options.resources?.document ?? .null
  }

  var identifier: String { row[text: .identifier] ?? "" }
  var root: String { row[text: .root] ?? identifier }
  /// Nil for a state that later servers may add.
  var state: RunState? { row[text: .state].flatMap(RunState.init) }
  /// The state for people.
  var stateText: String { row[text: .state] ?? "unknown" }
  var functionPath: String { row[text: .functionPath] ?? "" }
  var resources: JSON { row[.resources] }
  var hasEnded: Bool { state?.isEnd == true }

  var image: String? {
    get { row[text: .image] }
    set { row[text: .image] = newValue }
  }

  /// The artifacts of the arguments, by the arguments' names.
  var inputArtifacts: [String: String] {
    var found: [String: String] = [:]
    for edge in edges where edge.destination == identifier {
      if let name = edge.destinationName, let artifact = edge.artifact { found[name] = artifact }
    }
    return found
  }

  var outputArtifact: String? { edges.first { $0.source == identifier }?.artifact }

  /// The error's type and text.
  var failure: (name: String, message: String)? {
    for field in [Field.exception, .externalException] {
      if let message = row[field]["repr"]?.text { return (row[field]["name"]?.text ?? "Error", message) }
    }
    return nil
  }

  mutating func start() {
    row[text: .state] = RunState.scheduled.rawValue
    row[text: .started] = System.now()
  }

  mutating func resolve(_ output: PythonValue) {
    let artifact = Artifact(output)
    artifacts.append(artifact)
    for index in edges.indices where edges[index].source == identifier { edges[index].artifact = artifact.identifier }
    row[text: .state] = RunState.resolved.rawValue
    row[text: .resolved] = System.now()
    row[.ended] = row[.resolved]
  }

  /// Begins anew after a failure.
  mutating func retry() {
    row[text: .state] = RunState.retrying.rawValue
    for field in [Field.failed, .exception, .externalException] { row[field] = .null }
  }

  mutating func cancel() {
    row[text: .state] = RunState.canceled.rawValue
    row[text: .ended] = System.now()
  }

  /// Fails because of a step; the step's run has the reason.
  mutating func failByStep() {
    row[text: .state] = RunState.nestedFailed.rawValue
    row[text: .failed] = System.now()
  }

  mutating func fail(_ error: any Error) {
    row[text: .state] = RunState.failed.rawValue
    row[text: .failed] = System.now()
    let name = PythonName(type(of: error))
    let hint = (error as? SematicError)?.hint.map { "\n\nhint: \($0)" } ?? ""
    row[.exception] = .object([
      "repr": .string("\(name.name): \(error)\(hint)"), "name": .string(name.name), "module": .string(name.module),
      "ancestors": .array([.string("builtins.Exception")]),
    ])
  }
}
