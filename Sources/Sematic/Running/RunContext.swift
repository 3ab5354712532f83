/// The run of the function that is called right now.
struct RunContext: Sendable {
  @TaskLocal static var current: RunContext?

  let run: String
  let root: String
  let image: String?
  let functionPath: String
  let attempt: Int
  let pipeline: PipelineContext
  /// The earlier run that this one repeats.
  let earlier: String?
  /// The edges of its arguments, by their artifacts.
  let inputEdges: [String: String]
  /// The values of its steps.
  let values = StepValues()
  /// The errors of its steps.
  let failures = NestedFailures()

  init(_ run: RunRecord, attempt: Int, pipeline: PipelineContext, earlier: String?) {
    self.attempt = attempt
    self.pipeline = pipeline
    self.earlier = earlier
    functionPath = run.functionPath
    self.run = run.identifier
    root = run.root
    image = run.image
    let inputs = run.edges.compactMap { edge in
      edge.destination == run.identifier ? edge.artifact.map { ($0, edge.identifier) } : nil
    }
    inputEdges = Dictionary(inputs) { first, _ in first }
  }
}

/// The errors of a run's steps: whether it failed by one of them, or of itself.
actor NestedFailures {
  private var texts: Set<String> = []

  func note(_ error: any Error) { texts.insert(Self.text(error)) }

  /// Whether the error is that of a step. Errors cannot be compared; that the same was thrown again can be seen.
  func include(_ error: any Error) -> Bool { texts.contains(Self.text(error)) }

  private static func text(_ error: any Error) -> String { "\(type(of: error)): \(error)" }
}
