import SematicLaunch

/// The execution of a whole pipeline as the server keeps it.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/resolution.py
struct ResolutionRecord: Sendable {
  enum Field: String, CaseIterable {
    case root = "root_id"
    case status, kind
    case gitInformation = "git_info_json"
    case variables = "settings_env_vars"
    case images = "container_image_uris"
    case image = "container_image_uri"
    case clientVersion = "client_version"
    case cacheNamespace = "cache_namespace"
    case runCommand = "run_command"
    case buildConfiguration = "build_config"
    case resources = "resource_requirements_json"
    case user = "user_id"
  }

  private(set) var row: Row<Field>

  init(row: [String: JSON]) { self.row = Row(row) }

  /// A new resolution.
  init(run: String, kind: ResolutionKind, status: ResolutionStatus, client: SematicClient) {
    row = Row(Dictionary(uniqueKeysWithValues: Field.allCases.map { ($0.rawValue, JSON.null) }))
    row[text: .root] = run
    row[text: .kind] = kind.rawValue
    row[text: .status] = status.rawValue
    row[.variables] = .object([:])
    row[text: .clientVersion] = client.clientVersion
  }

  /// - Parameter cache: the namespace of the cache.
  mutating func describe(_ git: GitInformation?, cache: CacheNamespace?) {
    row[.gitInformation] = git?.document ?? .null
    row[text: .cacheNamespace] = cache?.text(git)
  }

  /// - Parameter run: the root run, whose container drives the pipeline.
  mutating func describeLaunch(
    of run: RunRecord, images: [String: String], sources: Artifact?, startLimit: Duration, timeLimit: TimeLimit?,
    resources: JSON,
    settings: SematicSettings, environment: [String: String]
  ) {
    row[.images] = .object(images.mapValues(JSON.string))
    row[text: .image] = run.image
    // Unlike that of a run, a text.
    if resources != .null { row[text: .resources] = resources.canonical }
    row[text: .runCommand] = environment[LaunchDescription.runCommand]
    row[text: .buildConfiguration] = environment[LaunchDescription.buildConfiguration]
    var variables = [StepContainers.startLimitName: JSON.string(startLimit.variable)]
    if let timeLimit { variables[StepContainers.timeLimitName] = .string(timeLimit.duration.variable) }
    if let sources { variables[FunctionSource.artifactName] = .string(sources.identifier) }
    if let key = settings.key { variables[SematicSettings.keyName] = .string(key) }
    row[.variables] = .object(variables)
  }

  /// The images by base tag; nil for a pipeline that does not run on Kubernetes.
  var images: [String: String]? {
    guard row[text: .kind] == ResolutionKind.kubernetes.rawValue else { return nil }
    return (row[.images].members ?? [:]).compactMapValues(\.text)
  }

  /// Nil for a status that later servers may add.
  var status: ResolutionStatus? {
    get { row[text: .status].flatMap(ResolutionStatus.init) }
    set { row[text: .status] = newValue?.rawValue }
  }

  var cacheNamespace: String? { row[text: .cacheNamespace] }

  var hasEnded: Bool { status?.isEnd == true }
}
