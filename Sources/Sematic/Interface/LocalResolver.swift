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
  var cacheNamespace: CacheNamespace?
  var rerun: Rerun?

  /// A resolver with the settings of the environment.
  ///
  /// - Parameters:
  ///   - cacheNamespace: the cache for functions that have `cache: true`; nil: they are run every time.
  ///   - rerun: the earlier execution whose outputs are used again; nil: everything is run.
  public init(cacheNamespace: CacheNamespace? = nil, rerun: Rerun? = nil) {
    environment = System.environment()
    self.cacheNamespace = cacheNamespace
    self.rerun = rerun
  }

  init(
    environment: [String: String], retries: SematicClient.Retries = .init(), cacheNamespace: CacheNamespace? = nil,
    rerun: Rerun? = nil
  ) {
    self.environment = environment
    self.retries = retries
    self.cacheNamespace = cacheNamespace
    self.rerun = rerun
  }

  /// Runs the pipeline to its end, and throws what it throws.
  public func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
    guard let client = try SematicClient(await SematicSettings.read(environment), retries: retries) else {
      return try await SilentResolver().resolve(pipeline)
    }
    try Registration.check([pipeline.registration])
    async let git = GitInformation.current(environment)
    try await client.check()
    let recorder = Recorder(client: client)
    var run = try await RunRecord.made(
      pipeline.registration, arguments: try await pipeline.arguments(), within: nil)
    var earlier: RerunDecision?
    if let rerun { earlier = RerunDecision(try await recorder.graph(of: recorder.run(rerun.run).root), rerun) }
    let counterpart = try earlier?.root(for: run)
    let shown = PipelineRun(id: run.identifier, address: client.page(of: run.identifier))
    var resolution = ResolutionRecord(run: run.identifier, kind: .local, status: .scheduled, client: client)
    resolution.describe(await git, cache: cacheNamespace)
    let context = PipelineContext(
      recorder: recorder, cacheNamespace: resolution.cacheNamespace, earlier: earlier, rootPath: run.functionPath)
    run.cacheKey = context.cacheKey(of: run, pipeline.registration)
    try await recorder.save(run)
    try await recorder.save(resolution, of: run)
    System.say("run \(shown.id): \(shown.address)")
    resolution.status = .running
    try await recorder.save(resolution, of: run)
    let options = pipeline.registration.options
    let execution = Execution(
      run: run, pipeline: context, retry: options.retry, timeLimit: options.timeLimit, counterpart: counterpart,
      isFirst: true, interval: interval)
    if let done = try await execution.reuse({ try await ValueDecoder.output(Output.self, from: $0) }) {
      return PipelineResult(output: done.output, run: shown)
    }
    let output = try await execution.perform(announce: true, body: pipeline.body)
    return PipelineResult(output: output, run: shown)
  }
}
