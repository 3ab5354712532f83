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
  /// Runs to be saved with this one: those that only stand for lists and structures of other runs' values, and copies.
  private(set) var companions: [RunRecord] = []

  init(row: [String: JSON], edges: [EdgeRecord]) {
    self.row = Row(row)
    self.edges = edges
  }

  /// A new run, with its function's source, which is read without holding up other tasks.
  static func made(
    _ function: Registration, arguments: [String: Artifact], within context: RunContext?
  ) async throws -> RunRecord {
    let launched = FunctionSource.launched[function.path]
    return try await BlockingWork.shared.run { _ in
      var run = try RunRecord(function, arguments: arguments, within: context)
      run.row[text: .source] = function.source.read() ?? launched ?? function.source.description
      return run
    }
  }

  init(_ function: Registration, arguments: [String: Artifact], within context: RunContext?) throws {
    let identifier = System.identifier()
    artifacts = arguments.sorted { $0.key < $1.key }.map(\.value)
    edges =
      arguments.map { name, artifact in
        var edge = EdgeRecord(to: identifier, name: name, artifact: artifact.identifier)
        edge.parent = context?.inputEdges[artifact.identifier]
        return edge
      } + [EdgeRecord(from: identifier)]
    row = Self.emptyRow
    row[text: .identifier] = identifier
    row[text: .root] = context?.root ?? identifier
    row[text: .parent] = context?.run
    row[text: .state] = RunState.created.rawValue
    row[text: .name] = function.options.name ?? function.name
    row[text: .functionPath] = function.path
    row[text: .description] = function.description
    row[.tags] = .array(function.options.tags.map(JSON.string))
    row[text: .source] = function.source.description
    row[text: .image] = context?.image
    row[text: .created] = System.now()
    row[.updated] = row[.created]
    row[.resources] = try function.options.resources?.document ?? .null
  }

  private static var emptyRow: Row<Field> {
    Row(Dictionary(uniqueKeysWithValues: Field.allCases.map { ($0.rawValue, JSON.null) }))
  }

  /// Replaces the edge of an argument by one that comes from another run.
  mutating func connect(_ argument: String, by edge: EdgeRecord) {
    let identifier = identifier
    var edge = edge
    edge.destination = identifier
    edge.destinationName = argument
    edges.removeAll { $0.destination == identifier && $0.destinationName == argument }
    edges.append(edge)
  }

  /// Connects an argument that contains the values of other runs: as Python does, by a run in between, which the UI hides.
  ///
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/function.py
  mutating func gather(_ sources: [EdgeRecord], into argument: String, isList: Bool) {
    let name = isList ? "_make_list" : "_make_tuple"
    var between = RunRecord(row: Self.emptyRow.members, edges: [])
    between.row[text: .identifier] = System.identifier()
    between.row[text: .name] = name
    between.row[text: .functionPath] = "sematic.function.\(name)"
    between.row[text: .source] = "# Source code not available"
    between.row[text: .state] = RunState.resolved.rawValue
    for field in [Field.root, .parent, .tags, .created, .updated] { between.row[field] = row[field] }
    for field in [Field.started, .resolved] { between.row[field] = row[.created] }
    for (index, source) in sources.enumerated() { between.connect("v\(index)", by: source) }
    companions.append(between)
    for index in edges.indices where edges[index].destination == identifier && edges[index].destinationName == argument
    {
      edges[index].source = between.identifier
    }
  }

  /// Adds the edge of the step whose output is that of this run, to be saved with it.
  mutating func add(_ edge: EdgeRecord) {
    edges.append(edge)
    row[text: .nestedFuture] = edge.source
  }

  /// Forgets what the server knows already.
  mutating func forgetSaved() { (artifacts, companions) = ([], []) }

  var identifier: String { row[text: .identifier] ?? "" }
  var root: String { row[text: .root] ?? identifier }
  /// The run of the function that has called this one's.
  var parent: String? { row[text: .parent] }
  var created: String { row[text: .created] ?? "" }
  /// The runs that its output leads to.
  var destinations: [String] { edges.compactMap { $0.source == identifier ? $0.destination : nil } }
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

  /// The key of the output in the cache.
  var cacheKey: String? {
    get { row[text: .cacheKey] }
    set { row[text: .cacheKey] = newValue }
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

  mutating func resolve(_ artifact: Artifact) {
    artifacts.append(artifact)
    resolve(artifact.identifier)
    row[.ended] = row[.resolved]
  }

  private mutating func resolve(_ artifact: String) {
    for index in edges.indices where edges[index].source == identifier { edges[index].artifact = artifact }
    row[text: .state] = RunState.resolved.rawValue
    row[text: .resolved] = System.now()
  }

  /// Ends with the output of another run, which has been executed.
  ///
  /// - Parameter copies: copies of the other run's steps.
  mutating func reuse(_ artifact: String, of run: RunRecord, _ copies: [RunRecord]) {
    resolve(artifact)
    row[text: .original] = run.original
    companions += copies
  }

  /// The first run whose output this one has.
  var original: String { row[text: .original] ?? identifier }

  /// The run as a part of another pipeline, which did not execute it.
  ///
  /// - Parameter runs: the new identifiers, by the old ones.
  func copied(_ runs: [String: String], root: String, edges: [EdgeRecord]) -> RunRecord {
    var copy = RunRecord(row: row.members, edges: edges)
    copy.row[text: .original] = original
    copy.row[text: .identifier] = runs[identifier]
    copy.row[text: .root] = root
    copy.row[text: .parent] = parent.flatMap { runs[$0] }
    copy.row[text: .nestedFuture] = row[text: .nestedFuture].flatMap { runs[$0] }
    copy.row[text: .created] = System.now()
    copy.row[.updated] = copy.row[.created]
    for field in [Field.started, .ended, .resolved, .failed] where row[text: field] != nil {
      copy.row[field] = field == .started || field == .ended ? .null : copy.row[.created]
    }
    return copy
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
    row[.ended] = row[.failed]
    row[.exception] = .object([
      "repr": .string("Failed because the child run failed"), "name": .string("Exception"),
      "module": .string("builtins"), "ancestors": .array([]),
    ])
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
