/// What is known, where a pipeline runs on Kubernetes, of the containers that its standalone steps are to have.
struct StepContainers: Sendable {
  /// By base tag.
  let images: [String: String]
  /// How long a step may take until its container starts.
  let startLimit: Duration

  /// The variable that takes the limit from the launch to the driver, in seconds; the server keeps it for reruns.
  static let startLimitName = "SEMATIC_START_LIMIT"

  init(images: [String: String], environment: [String: String]) {
    self.images = images
    startLimit = .seconds(environment[Self.startLimitName].flatMap { Int64($0) } ?? 1800)
  }
}
