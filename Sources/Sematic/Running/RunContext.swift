/// The run of the function that is called right now.
struct RunContext: Sendable {
  @TaskLocal static var current: RunContext?

  let run: String
  let root: String
  let image: String?
  let recorder: Recorder?
  /// Where steps can have containers of their own: on Kubernetes.
  var containers: StepContainers?
  /// The errors of its steps.
  let failures = NestedFailures()
}

/// The errors of a run's steps: whether it failed by one of them, or of itself.
actor NestedFailures {
  private var texts: Set<String> = []

  func note(_ error: any Error) { texts.insert(Self.text(error)) }

  /// Whether the error is that of a step. Errors cannot be compared; that the same was thrown again can be seen.
  func include(_ error: any Error) -> Bool { texts.contains(Self.text(error)) }

  private static func text(_ error: any Error) -> String { "\(type(of: error)): \(error)" }
}
