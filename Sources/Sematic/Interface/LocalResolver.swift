/// A resolver that runs a pipeline in this process; where a server is configured, the run is recorded there.
///
/// The server is that of `SEMATIC_API_ADDRESS`, or the one that `sematic settings set` has written.
///
/// ```swift
/// let result = try await train.with(TrainInput(epochs: 3)).resolve(with: LocalResolver())
/// print(result.output, result.run?.address ?? "not recorded")
/// ```
public struct LocalResolver: Resolver {
  var environment: [String: String]
  var retries = SematicClient.Retries()
  /// The seconds between two questions whether the run was canceled.
  var interval = 5.0

  /// A resolver with the settings of the environment.
  public init() { environment = System.environment() }

  init(environment: [String: String], retries: SematicClient.Retries = .init()) {
    self.environment = environment
    self.retries = retries
  }

  /// Runs the pipeline to its end, and throws what it throws.
  public func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
    guard let client = try SematicClient(await SematicSettings.read(environment), retries: retries) else {
      return try await SilentResolver().resolve(pipeline)
    }
    try await client.check()
    let recorder = Recorder(client: client)
    let run = try RunRecord(pipeline.registration, arguments: try await pipeline.arguments(), within: nil)
    let shown = PipelineRun(id: run.identifier, address: client.page(of: run.identifier))
    try await recorder.save(run)
    var resolution = ResolutionRecord(run: run.identifier, kind: .local, status: .scheduled, client: client)
    try await recorder.save(resolution, of: run)
    System.say("run \(shown.id): \(shown.address)")
    resolution.status = .running
    try await recorder.save(resolution, of: run)
    let execution = Execution(
      run: run, recorder: recorder, retry: pipeline.registration.options.retry, isFirst: true, interval: interval)
    let output = try await execution.perform(announce: true, body: pipeline.body)
    return PipelineResult(output: output, run: shown)
  }
}
