/// The way in which a pipeline is run: in this process, or on Kubernetes.
///
/// The library has three: `LocalResolver`, `CloudResolver` and `SilentResolver`. A resolver of your own calls the pipeline,
/// or resolves it with another one, and adds to that:
///
/// ```swift
/// struct TimedResolver: Resolver {
///   func resolve<Output>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
///     let start = ContinuousClock.now
///     defer { print("took \(start.duration(to: .now))") }
///     return PipelineResult(output: try await pipeline())
///   }
/// }
/// ```
public protocol Resolver: Sendable {
  /// Runs the pipeline to its end.
  func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output>
}

/// A resolver that runs a pipeline in this process, and records nothing.
///
/// ```swift
/// let model = try await train.with(TrainInput(epochs: 3)).resolve(with: SilentResolver()).output
/// ```
public struct SilentResolver: Resolver {
  /// A silent resolver.
  public init() {}

  /// Runs the pipeline to its end, and throws what it throws.
  public func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
    PipelineResult(output: try await pipeline())
  }
}
