/// A function with its input, for a resolver to run.
///
/// ```swift
/// let pipeline = train.with(TrainInput(epochs: 3))
/// let model = try await pipeline.resolve(with: LocalResolver()).output
/// ```
public struct Pipeline<Output: Codable & Sendable>: Sendable {
  let registration: Registration
  let arguments: @Sendable () async throws -> [String: Artifact]
  let body: @Sendable () async throws -> Output

  /// Runs the pipeline to its end, as the resolver says.
  ///
  /// - Throws: what the function throws, and `SematicError`.
  public func resolve(with resolver: some Resolver) async throws -> PipelineResult<Output> {
    try await resolver.resolve(self)
  }

  /// Has the pipeline scheduled on Kubernetes, and does not wait for it.
  ///
  /// - Throws: `SematicError`; `ContainerImageError` where the program was started without an image.
  @discardableResult
  public func schedule(with resolver: CloudResolver) async throws -> PipelineRun {
    try await resolver.schedule(self)
  }

  /// Runs the function in this process, and records nothing: for resolvers of your own.
  public func callAsFunction() async throws -> Output {
    try await registration.options.perform(body)
  }
}

/// A run that the server knows.
///
/// ```swift
/// let run = try await train.with(TrainInput(epochs: 3)).schedule(with: CloudResolver())
/// print(run.id, run.address)
/// ```
public struct PipelineRun: Hashable, Sendable {
  /// The identifier of the run: 32 hexadecimal digits.
  public let id: String
  /// The page of the run in Sematic's UI.
  public let address: String
}

/// The result of a pipeline that ran to its end.
///
/// ```swift
/// let result = try await train.with(TrainInput(epochs: 3)).resolve(with: LocalResolver())
/// if let run = result.run { print(result.output, run.address) }
/// ```
public struct PipelineResult<Output: Codable & Sendable>: Sendable {
  /// What the function returned.
  public let output: Output
  /// The run on the server; nil where nothing was recorded.
  public let run: PipelineRun?

  /// A result, for resolvers of your own.
  public init(output: Output, run: PipelineRun? = nil) {
    self.output = output
    self.run = run
  }
}
