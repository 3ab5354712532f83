import SematicLaunch

/// A resolver that runs a pipeline on Kubernetes, through Sematic's server, in the image that this program was launched with.
///
/// The pipeline runs in one container, and so do the functions that it calls, each recorded as a run of its own. Functions
/// that are standalone have containers of their own, in the image of their base tag.
///
/// ```swift
/// let run = try await train.with(TrainInput(epochs: 3)).schedule(with: CloudResolver())
/// print(run.address)
/// ```
public struct CloudResolver: Resolver {
  /// How long a pipeline that is waited for, and each standalone step, may take until its container starts.
  public let startLimit: Duration
  var environment: [String: String]
  var retries = SematicClient.Retries()
  /// The seconds between two questions about a run that is waited for.
  var interval = 5.0
  var resources: ResourceRequirements?
  var cacheNamespace: CacheNamespace?
  var maxParallelism: Int?
  var rerun: Rerun?

  /// A resolver with the images, the server and the key of the environment: `run-pipeline` sets the first.
  ///
  /// - Parameters:
  ///   - startLimit: how long to wait for the pipeline's container to start, and for that of each standalone step, in whole
  ///     seconds: a cluster may first have to add a node, and pull the image. Kubernetes itself tries for a day.
  ///   - resources: what the container of the driver asks Kubernetes for; nil: what the outermost function does, or else
  ///     half a processor and 2 GiB of memory.
  ///   - cacheNamespace: the cache for functions that have `cache: true`; nil: they are run every time.
  ///   - maxParallelism: how many of the standalone steps that the driver calls have containers at the same time; the others
  ///     wait. Nil: all of them.
  ///   - rerun: the earlier execution whose outputs are used again; nil: everything is run.
  public init(
    startLimit: Duration = .seconds(1800), resources: ResourceRequirements? = nil,
    cacheNamespace: CacheNamespace? = nil, maxParallelism: Int? = nil, rerun: Rerun? = nil
  ) {
    self.startLimit = startLimit
    environment = System.environment()
    self.resources = resources
    self.cacheNamespace = cacheNamespace
    self.maxParallelism = maxParallelism
    self.rerun = rerun
  }

  init(
    environment: [String: String], retries: SematicClient.Retries = .init(), interval: Double,
    startLimit: Duration = .seconds(1800)
  ) {
    self.environment = environment
    self.retries = retries
    self.interval = interval
    self.startLimit = startLimit
  }

  /// Has the pipeline scheduled, and waits for its output. Canceling the task ends the wait, not the run.
  ///
  /// - Throws: `SematicError`, `ContainerImageError`.
  public func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
    let (run, recorder) = try await launch(pipeline)
    let value = try await wait(for: run.id, recorder)
    return PipelineResult(output: try await ValueDecoder.output(Output.self, from: value), run: run)
  }

  /// Has the pipeline scheduled, and prints the address of its run.
  ///
  /// - Throws: `SematicError`, `ContainerImageError`.
  func schedule<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineRun {
    try await launch(pipeline).run
  }

  private func launch<Output: Codable & Sendable>(
    _ pipeline: Pipeline<Output>
  ) async throws -> (run: PipelineRun, recorder: Recorder) {
    let settings = try await SematicSettings.read(environment)
    if let maxParallelism, maxParallelism < 1 {
      throw SematicError.misuse("maxParallelism is \(maxParallelism), and has to be at least 1")
    }
    let images = try ContainerImages.read(from: environment)
    guard let image = images[ContainerImages.defaultTag] else { throw ContainerImageError.noImage }
    let functions = Registration.all + [pipeline.registration]
    try Registration.check(functions)
    // A missing image would otherwise end a step in some hours.
    for function in functions where function.options.isStandalone {
      _ = try function.image(among: images)
    }
    guard let client = try SematicClient(settings, retries: retries) else { throw SematicError.noServer }
    async let git = GitInformation.current(environment)
    try await client.check()
    let recorder = Recorder(client: client)
    var run = try await RunRecord.made(
      pipeline.registration, arguments: try await pipeline.arguments(), within: nil)
    // One that does not fit would fail the pipeline in its container.
    if let rerun { try RerunDecision.check(try await recorder.run(try await recorder.run(rerun.run).root), for: run) }
    // It is the first step, and drives the others from there.
    run.image = pipeline.registration.options.isStandalone ? try pipeline.registration.image(among: images) : image
    let sources = try await FunctionSource.artifact(of: functions)
    if let sources { run.artifacts.append(sources) }
    let options = pipeline.registration.options
    let driver = try resources?.document ?? run.resources
    var resolution = ResolutionRecord(run: run.identifier, kind: .kubernetes, status: .created, client: client)
    resolution.describe(await git, cache: cacheNamespace)
    resolution.describeLaunch(
      of: run, images: images, sources: sources, startLimit: startLimit, timeLimit: options.timeLimit,
      resources: driver, settings: settings, environment: environment)
    let context = PipelineContext(recorder: recorder, cacheNamespace: resolution.cacheNamespace)
    run.cacheKey = context.cacheKey(of: run, pipeline.registration)
    try await recorder.save(run)
    try await recorder.save(resolution, of: run)
    let identifier = run.identifier
    var order: [String: JSON] = [:]
    if let maxParallelism { order["max_parallelism"] = .integer(maxParallelism) }
    if let rerun { (order["rerun_from"], order["rerun_mode"]) = (.string(rerun.run), .string(rerun.mode)) }
    try await client.call("schedule the run", "POST", "/resolutions/\(identifier)/schedule", .object(order)) {
      // The server refuses to schedule twice.
      (try? await recorder.resolution(identifier)).map { $0.status != .created } ?? false
    }
    let shown = PipelineRun(id: identifier, address: client.page(of: identifier))
    System.say("run \(shown.id): \(shown.address)")
    return (shown, recorder)
  }

  /// The output's value, when the run has ended.
  private func wait(for run: String, _ recorder: Recorder) async throws -> JSONNode {
    let start = ContinuousClock.now
    var pause = min(1, max(0, interval))
    var nextVisit = start + .seconds(12 * interval)
    var (wasDead, hasWarned) = (false, false)
    while true {
      let (record, resolution) = (try await recorder.run(run), try await recorder.resolution(run))
      switch record.state {
      case .resolved: return try await recorder.output(of: record)
      case .failed, .nestedFailed: throw try await recorder.failure(of: record)
      case .canceled: throw SematicError.canceled(id: run)
      default: break
      }
      // A container that cannot even start leaves its run as it was.
      switch resolution.status {
      case .failed: throw SematicError.runFailed(id: run, name: "Resolution", message: "the driver's container failed")
      case .canceled: throw SematicError.canceled(id: run)
      case .created, .scheduled:
        guard start.duration(to: .now) < startLimit else {
          throw SematicError.notStarted(id: run, seconds: startLimit.components.seconds, image: record.image ?? "")
        }
        // The server keeps the reason to itself.
        if !hasWarned, start.duration(to: .now) >= .seconds(30) {
          System.say(
            "run \(run): its container has not started yet: `kubectl describe pods -l job-name=sematic-driver-\(run)` "
              + "says why")
          hasWarned = true
        }
      default: break
      }
      if ContinuousClock.now >= nextVisit {
        let isDead = await isDriverDead(of: run, recorder)
        // Between two pods of its Job a driver looks dead, too.
        if isDead, wasDead { try await recordDeath(of: run, recorder) }
        wasDead = isDead
        nextVisit = .now + .seconds(12 * interval)
      }
      try await System.pause(seconds: pause)
      pause = min(pause * 1.25, max(0, interval))
    }
  }

  /// Whether the driver's container has ended without ending the pipeline.
  private func isDriverDead(of run: String, _ recorder: Recorder) async -> Bool {
    // Pipelines without a living container, as `sematic clean --zombie-pipeline-runs` asks for them.
    let path = "/resolutions?filters=%7B%22zombie%22:%7B%22eq%22:true%7D%7D&fields=%5B%22root_id%22%5D"
    let dead = try? await recorder.client.once.call("look at the drivers", "GET", path)["content"]?.elements
    return dead?.contains { $0["root_id"]?.text == run } ?? false
  }

  /// Ends the records of a pipeline whose driver is dead: nobody else does.
  ///
  /// - Throws: `SematicError.runFailed`.
  private func recordDeath(of run: String, _ recorder: Recorder) async throws {
    var (record, resolution) = (try await recorder.run(run), try await recorder.resolution(run))
    guard !record.hasEnded, !resolution.hasEnded else { return }
    let error = SematicError.runFailed(
      id: run, name: "Resolution",
      message: "the driver's container ended before the pipeline did: `kubectl describe pods -l "
        + "job-name=sematic-driver-\(run)` says whether it crashed, or was ended for its memory")
    record.fail(error)
    try await recorder.save(record)
    resolution.status = .failed
    try await recorder.save(resolution, of: record)
    throw error
  }
}
