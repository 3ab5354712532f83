import SematicLaunch

/// Runs a pipeline on Kubernetes, through Sematic's server, in the image that this program was launched with.
///
/// The pipeline runs in one container, and functions that it calls run there, too, each recorded as a run. Those that are
/// standalone have containers of their own, in the image of their base tag. A rerun from the server's UI runs all of it
/// anew, also where a rerun from a certain step was asked for.
public struct CloudResolver: Resolver {
  /// Whether to return as soon as the pipeline is scheduled, or to wait for its output.
  public let detach: Bool
  /// How long a pipeline that is waited for, and each standalone step, may take until its container starts.
  public let startLimit: Duration
  var environment: [String: String]
  var patience = Server.Patience()
  /// Between two looks at a run that is waited for.
  var interval = 5.0

  /// The images, the server and the key are those of the environment: `run-pipeline` sets the first.
  ///
  /// - Parameters:
  ///   - detach: whether to return as soon as the pipeline is scheduled.
  ///   - startLimit: how long to wait for its container to start, and for that of each standalone step, in whole seconds:
  ///     a cluster may first have to add a node, and pull. What Kubernetes cannot start it keeps trying to, for a day.
  public init(detach: Bool = true, startLimit: Duration = .seconds(1800)) {
    self.detach = detach
    self.startLimit = startLimit
    environment = System.environment()
  }

  init(
    detach: Bool, environment: [String: String], patience: Server.Patience, interval: Double,
    startLimit: Duration = .seconds(1800)
  ) {
    self.detach = detach
    self.startLimit = startLimit
    self.environment = environment
    self.patience = patience
    self.interval = interval
  }

  /// Creates the run on the server and has it scheduled; prints its page.
  ///
  /// - Throws: `SematicError`, `ContainerImageError`.
  public func resolve<Output: Codable & Sendable>(_ pipeline: Pipeline<Output>) async throws -> PipelineResult<Output> {
    let settings = Settings(environment: environment)
    let images = try ContainerImages.read(from: environment)
    guard let image = images[ContainerImages.defaultTag] else { throw ContainerImageError.noImage }
    // What a step would fail by in some hours.
    for function in Registration.all + [pipeline.registration] where function.settings.isStandalone {
      _ = try function.image(among: images)
    }
    guard let server = try Server(settings, patience: patience) else { throw SematicError.noServer }
    try server.check()
    let recorder = Recorder(server: server)
    var run = try Run.new(pipeline.registration, arguments: try pipeline.arguments(), within: nil)
    // It is the first step, and drives the others from there.
    run.image = pipeline.registration.settings.isStandalone ? try pipeline.registration.image(among: images) : image
    try recorder.save(run)
    var resolution = Resolution.new(run: run.identifier, kind: "KUBERNETES", status: "CREATED", server: server)
    resolution.describeLaunch(
      of: run, images: images, startLimit: startLimit, settings: settings, environment: environment)
    try recorder.save(resolution, of: run)
    try server.call("schedule the run", "POST", "/resolutions/\(run.identifier)/schedule", .object([:])) {
      // An answer that was lost: the server refuses to schedule twice.
      (try? recorder.resolution(run.identifier).status).map { $0 != "CREATED" } ?? false
    }
    let page = server.page(of: run.identifier)
    System.say("run \(run.identifier): \(page)")
    guard !detach else { return PipelineResult(runID: run.identifier, address: page, output: nil) }
    let value = try await wait(for: run.identifier, recorder)
    return PipelineResult(
      runID: run.identifier, address: page, output: try ValueDecoder.top(Output.self, from: value))
  }

  /// Until the run has ended, one way or another. Canceling this task does not cancel the run.
  private func wait(for run: String, _ recorder: Recorder) async throws -> JSON {
    let start = ContinuousClock.now
    var pause = min(1, max(0, interval))
    var nextVisit = start + .seconds(12 * interval)
    var wasDead = false
    while true {
      let (record, resolution) = (try recorder.run(run), try recorder.resolution(run))
      switch record.state {
      case "RESOLVED":
        guard let artifact = record.outputArtifact else {
          throw SematicError.unexpectedAnswer(operation: "read the run", reason: "it is RESOLVED, without an output")
        }
        return try recorder.value(of: artifact)
      case "FAILED", "NESTED_FAILED":
        throw try recorder.failure(of: record)
      case "CANCELED": throw SematicError.canceled(id: run)
      default: break
      }
      // A container that cannot even start leaves its run as it was.
      switch resolution.status {
      case "FAILED":
        throw SematicError.runFailed(id: run, name: "Resolution", message: "the driver's container failed")
      case "CANCELED": throw SematicError.canceled(id: run)
      case "CREATED", "SCHEDULED":
        guard start.duration(to: .now) < startLimit else {
          throw SematicError.notStarted(id: run, seconds: startLimit.components.seconds, image: record.image ?? "")
        }
      default: break
      }
      if ContinuousClock.now >= nextVisit {
        let isDead = isDriverDead(of: run, recorder)
        // Between two pods of its Job a driver looks dead, too.
        if isDead, wasDead { try recordDeath(of: run, recorder) }
        wasDead = isDead
        nextVisit = .now + .seconds(12 * interval)
      }
      try await Task.sleep(nanoseconds: UInt64(pause * 1_000_000_000))
      pause = min(pause * 1.25, max(0, interval))
    }
  }

  /// Whether the driver's container has ended, and has left the pipeline as it was.
  private func isDriverDead(of run: String, _ recorder: Recorder) -> Bool {
    // Pipelines without a living container, as `sematic clean --zombie-pipeline-runs` asks for them.
    let path = "/resolutions?filters=%7B%22zombie%22:%7B%22eq%22:true%7D%7D&fields=%5B%22root_id%22%5D"
    let dead = try? recorder.server.once.call("look at the drivers", "GET", path)["content"]?.elements
    return dead?.contains { $0["root_id"]?.text == run } ?? false
  }

  /// Nobody else does.
  /// - Throws: `SematicError.runFailed`.
  private func recordDeath(of run: String, _ recorder: Recorder) throws {
    var (record, resolution) = (try recorder.run(run), try recorder.resolution(run))
    guard !record.hasEnded, !resolution.hasEnded else { return }
    let error = SematicError.runFailed(
      id: run, name: "Resolution",
      message: "the driver's container ended before the pipeline did: `kubectl describe pods -l "
        + "job-name=sematic-driver-\(run)` says whether it crashed, or was ended for its memory")
    record.fail(error)
    try recorder.save(record)
    resolution.status = "FAILED"
    try recorder.save(resolution, of: record)
    throw error
  }
}
