import SematicLaunch

/// A run as the server keeps it, with its edges; what is not known here is handed back as it came.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/run.py
struct Run: Sendable {
  private(set) var row: [String: JSON]
  var edges: [[String: JSON]]
  /// Those that are not stored yet.
  var artifacts: [Artifact] = []

  init(row: [String: JSON], edges: [[String: JSON]]) {
    self.row = row
    self.edges = edges
  }

  static func new(
    _ function: Registration, arguments: [String: PythonValue], within context: RunContext?
  ) throws -> Run {
    let (identifier, now) = (System.identifier(), JSON.string(System.now()))
    let artifacts = arguments.mapValues(Artifact.init)
    var run = Run(
      row: [
        "id": .string(identifier), "root_id": .string(context?.root ?? identifier),
        "parent_id": .optional(context?.run), "original_run_id": .null, "nested_future_id": .null,
        "future_state": .string("CREATED"), "name": .string(function.name), "function_path": .string(function.path),
        "description": .optional(function.description), "tags": .array([]), "source_code": .string(function.source),
        "container_image_uri": .optional(context?.image), "created_at": now, "updated_at": now, "started_at": .null,
        "ended_at": .null, "resolved_at": .null, "failed_at": .null,
        "resource_requirements_json": try function.settings.resources?.document ?? .null,
        "exception_metadata_json": .null, "external_exception_metadata_json": .null, "cache_key": .null,
        "user_id": .null,
      ], edges: [])
    run.artifacts = artifacts.sorted { $0.key < $1.key }.map(\.value)
    run.edges =
      artifacts.map { edge(to: identifier, name: $0.key, artifact: $0.value.identifier, now) }
      + [edge(from: identifier, now)]
    return run
  }

  private static func edge(
    from source: String? = nil, to destination: String? = nil, name: String? = nil, artifact: String? = nil,
    _ now: JSON
  ) -> [String: JSON] {
    [
      "id": .string(System.identifier()), "source_run_id": .optional(source), "source_name": .null,
      "destination_run_id": .optional(destination), "destination_name": .optional(name),
      "artifact_id": .optional(artifact), "parent_id": .null, "created_at": now, "updated_at": now,
    ]
  }

  var identifier: String { row["id"]?.text ?? "" }
  var root: String { row["root_id"]?.text ?? identifier }
  var state: String { row["future_state"]?.text ?? "" }
  var functionPath: String { row["function_path"]?.text ?? "" }

  var image: String? {
    get { row["container_image_uri"]?.text }
    set { row["container_image_uri"] = .optional(newValue) }
  }

  var resources: JSON { row["resource_requirements_json"] ?? .null }

  var hasEnded: Bool { ["RESOLVED", "FAILED", "NESTED_FAILED", "CANCELED"].contains(state) }

  /// Argument to artifact.
  var inputArtifacts: [String: String] {
    var found: [String: String] = [:]
    for edge in edges where edge["destination_run_id"]?.text == identifier {
      if let name = edge["destination_name"]?.text, let artifact = edge["artifact_id"]?.text { found[name] = artifact }
    }
    return found
  }

  var outputArtifact: String? {
    edges.first { $0["source_run_id"]?.text == identifier }?["artifact_id"]?.text
  }

  /// Type and text of the error.
  var failure: (name: String, message: String)? {
    for key in ["exception_metadata_json", "external_exception_metadata_json"] {
      if let error = row[key], let message = error["repr"]?.text {
        return (error["name"]?.text ?? "Error", message)
      }
    }
    return nil
  }

  mutating func start() {
    row["future_state"] = .string("SCHEDULED")
    row["started_at"] = .string(System.now())
  }

  mutating func resolve(_ output: PythonValue) {
    let artifact = Artifact(output)
    artifacts.append(artifact)
    for index in edges.indices where edges[index]["source_run_id"]?.text == identifier {
      edges[index]["artifact_id"] = .string(artifact.identifier)
    }
    row["future_state"] = .string("RESOLVED")
    row["resolved_at"] = .string(System.now())
    row["ended_at"] = row["resolved_at"]
  }

  /// The failure is over: the run begins anew.
  mutating func retry() {
    row["future_state"] = .string("RETRYING")
    for name in ["failed_at", "exception_metadata_json", "external_exception_metadata_json"] { row[name] = .null }
  }

  mutating func cancel() {
    row["future_state"] = .string("CANCELED")
    row["ended_at"] = .string(System.now())
  }

  /// What went wrong stands in the run of the step.
  mutating func failByStep() {
    row["future_state"] = .string("NESTED_FAILED")
    row["failed_at"] = .string(System.now())
  }

  mutating func fail(_ error: any Error) {
    row["future_state"] = .string("FAILED")
    row["failed_at"] = .string(System.now())
    let name = PythonName(type(of: error))
    let hint = (error as? SematicError)?.hint.map { "\n\nhint: \($0)" } ?? ""
    row["exception_metadata_json"] = .object([
      "repr": .string("\(name.name): \(error)\(hint)"), "name": .string(name.name), "module": .string(name.module),
      "ancestors": .array([.string("builtins.Exception")]),
    ])
  }
}

/// The execution of a whole pipeline, as the server keeps it.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/resolution.py
struct Resolution: Sendable {
  private(set) var row: [String: JSON]

  init(row: [String: JSON]) { self.row = row }

  static func new(run: String, kind: String, status: String, server: Server) -> Resolution {
    Resolution(row: [
      "root_id": .string(run), "status": .string(status), "kind": .string(kind), "git_info_json": .null,
      "settings_env_vars": .object([:]), "container_image_uris": .null, "container_image_uri": .null,
      "client_version": .string(server.clientVersion), "cache_namespace": .null, "run_command": .null,
      "build_config": .null, "resource_requirements_json": .null, "user_id": .null,
    ])
  }

  /// - Parameter run: the root run, in whose container the pipeline is driven.
  mutating func describeLaunch(
    of run: Run, images: [String: String], startLimit: Duration, settings: Settings, environment: [String: String]
  ) {
    row["container_image_uris"] = .object(images.mapValues(JSON.string))
    row["container_image_uri"] = .optional(run.image)
    row["resource_requirements_json"] = run.resources
    row["run_command"] = .optional(environment[LaunchDescription.runCommand])
    row["build_config"] = .optional(environment[LaunchDescription.buildConfiguration])
    var variables = [StepContainers.startLimitName: JSON.string(String(startLimit.components.seconds))]
    if let key = settings.key { variables[Settings.keyName] = .string(key) }
    row["settings_env_vars"] = .object(variables)
  }

  /// By base tag; nil for a pipeline that does not run on Kubernetes.
  var images: [String: String]? {
    guard row["kind"]?.text == "KUBERNETES" else { return nil }
    return (row["container_image_uris"]?.members ?? [:]).compactMapValues(\.text)
  }

  var status: String {
    get { row["status"]?.text ?? "" }
    set { row["status"] = .string(newValue) }
  }

  var hasEnded: Bool { ["COMPLETE", "FAILED", "CANCELED"].contains(status) }
}
