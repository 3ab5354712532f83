/// Runs one function in a container, as Sematic asks for it.
struct Worker {
  let functions: [Registration]
  let environment: [String: String]
  var retries = SematicClient.Retries()
  var interval = 5.0

  func perform(_ order: WorkerOrder) async throws {
    guard let client = try SematicClient(await SematicSettings.read(environment), retries: retries) else {
      throw SematicError.noServer
    }
    try await client.check()
    let recorder = Recorder(client: client)
    var run = try await scheduled(order, recorder)
    // A pod that was started again after its work was done.
    if run.hasEnded { return System.say("the run \(order.run) is \(run.stateText): nothing to do") }
    do {
      if order.resolves { try await start(run, recorder) }
      let containers = try await recorder.resolution(run.root).images
        .map { StepContainers(images: $0, environment: environment) }
      let path = run.functionPath
      guard let function = functions.first(where: { $0.path == path }) else {
        throw SematicError.unknownFunction(path, known: functions.map(\.path))
      }
      if order.resolves { run.start() }
      var arguments: [String: JSONNode] = [:]
      for (name, artifact) in run.inputArtifacts { arguments[name] = try await recorder.value(of: artifact) }
      System.say("run \(order.run): \(function.path)")
      // Who called a standalone function runs it again; a root run has nobody else.
      let execution = Execution(
        run: run, recorder: recorder, containers: containers,
        retry: order.resolves ? function.options.retry : nil, isFirst: true, interval: interval)
      _ = try await execution.finish(announce: false) { [arguments] in
        let output = try await function.call(arguments)
        return (output.identifier, output)
      }
    } catch let error as SematicError where error.code != .canceled {
      try? await fail(order, error, recorder)
      throw error
    }
  }

  /// The run, once the server has recorded that it is scheduled: it starts the Job before that.
  private func scheduled(_ order: WorkerOrder, _ recorder: Recorder) async throws -> RunRecord {
    var run = try await recorder.run(order.run)
    for attempt in 1..<12 where !order.resolves && run.state?.awaitsContainer == true {
      try await retries.pause(min(attempt, 3))
      run = try await recorder.run(order.run)
    }
    return run
  }

  /// Records that the driver is at work.
  private func start(_ run: RunRecord, _ recorder: Recorder) async throws {
    var resolution = try await recorder.resolution(run.identifier)
    for attempt in 1..<12 where resolution.status == .created {
      try await retries.pause(min(attempt, 3))
      resolution = try await recorder.resolution(run.identifier)
    }
    if resolution.status == .canceled { throw SematicError.canceled(id: run.identifier) }
    // A pod that was started again begins anew, and nobody waits any more for the steps that the one before has left.
    guard resolution.status != .running else {
      let steps = try await recorder.runs(of: run.identifier)
      for var step in steps where step.identifier != run.identifier && !step.hasEnded {
        step.cancel()
        try await recorder.save(step)
      }
      return
    }
    resolution.status = .running
    try await recorder.save(resolution, of: run)
  }

  /// Records a failure before the function could be called.
  private func fail(_ order: WorkerOrder, _ error: SematicError, _ recorder: Recorder) async throws {
    var run = try await scheduled(order, recorder)
    guard !run.hasEnded else { return }
    run.fail(error)
    try await recorder.save(run)
    guard order.resolves else { return }
    var resolution = try await recorder.resolution(run.root)
    guard !resolution.hasEnded else { return }
    resolution.status = .failed
    try await recorder.save(resolution, of: run)
  }
}
