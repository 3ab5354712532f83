/// Where and how a pipeline runs: `LocalResolver` here, `CloudResolver` on Kubernetes.
///
/// ```swift
/// let resolver: any Resolver = hasContainerImage() ? CloudResolver() : LocalResolver()
/// let result = try await pipeline.resolve(with: resolver)
/// ```
public protocol Resolver: Sendable {
  /// Runs the pipeline, or has it run.
  func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output>
}

/// What is known of a pipeline when its resolver is done with it.
public struct PipelineResult<Output: Codable & Sendable>: Sendable {
  /// The run on the server; nil where none is configured.
  public let runID: String?
  /// Where a person sees the run.
  public let address: String?
  /// What the function returned; nil for a detached launch, which does not wait for it.
  public let output: Output?
}

/// Runs a pipeline in this process; where a server is configured, the run is recorded there.
public struct LocalResolver: Resolver {
  var settings: Settings
  var patience = Server.Patience()
  /// Between two questions whether the run was canceled.
  var interval = 5.0

  /// Records on the server at `SEMATIC_API_ADDRESS`, or at the address that `sematic settings set` has written.
  public init() { settings = Settings(environment: System.environment()) }

  init(settings: Settings, patience: Server.Patience) {
    self.settings = settings
    self.patience = patience
  }

  /// Runs the pipeline to its end, and throws what it throws.
  public func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
    guard let server = try Server(settings, patience: patience) else {
      return PipelineResult(
        runID: nil, address: nil, output: try await pipeline.registration.settings.retry.perform(pipeline.body))
    }
    try server.check()
    let recorder = Recorder(server: server)
    let run = try Run.new(pipeline.registration, arguments: try pipeline.arguments(), within: nil)
    let page = server.page(of: run.identifier)
    try recorder.save(run)
    var resolution = Resolution.new(run: run.identifier, kind: "LOCAL", status: "SCHEDULED", server: server)
    try recorder.save(resolution, of: run)
    System.say("run \(run.identifier): \(page)")
    resolution.status = "RUNNING"
    try recorder.save(resolution, of: run)
    let execution = Execution(
      run: run, recorder: recorder, retry: pipeline.registration.settings.retry, isFirst: true, interval: interval)
    let output = try await execution.perform(announce: true, body: pipeline.body)
    return PipelineResult(runID: run.identifier, address: page, output: output)
  }
}
