/// What is known, where a pipeline runs on Kubernetes, of the containers that its standalone steps are to have.
struct StepContainers: Sendable {
  /// By base tag.
  let images: [String: String]
  /// How long a step may take until its container starts.
  let startLimit: Duration
  /// The limit to the containers at the same time.
  let limit: ConcurrencyLimit?

  /// The variable that takes the limit from the launch to the driver, in seconds; the server keeps it for reruns.
  static let startLimitName = "SEMATIC_START_LIMIT"

  /// The variable that takes the time limit of the outermost function, in seconds, where the launch has another one than
  /// the function.
  static let timeLimitName = "SEMATIC_TIMEOUT"

  init(images: [String: String], environment: [String: String], maxParallelism: Int?) {
    self.images = images
    limit = maxParallelism.map { ConcurrencyLimit($0) }
    startLimit = environment[Self.startLimitName].flatMap { Duration(variable: $0) } ?? .seconds(1800)
  }
}
