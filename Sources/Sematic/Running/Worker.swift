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
      let path = run.functionPath
      var (counterpart, attempt) = (RerunDecision.Counterpart?.none, 1)
      var earlier = try await order.resolves ? start(run, recorder) : endSteps(of: run, recorder)
      if let left = earlier { counterpart = left.itself(run) }
      if let rerun = order.rerun, order.resolves, earlier == nil {
        earlier = RerunDecision(try await recorder.graph(of: recorder.run(rerun.run).root), rerun)
        counterpart = try earlier?.root(for: run)
      }
      if !order.resolves { attempt = max(1, try await recorder.jobs(of: run.identifier).count) }
      let resolution = try await recorder.resolution(run.root)
      let pipeline = PipelineContext(
        recorder: recorder,
        containers: resolution.images.map {
          StepContainers(images: $0, environment: environment, maxParallelism: order.maxParallelism)
        },
        cacheNamespace: resolution.cacheNamespace, earlier: earlier, rootPath: order.resolves ? path : nil)
      guard let function = functions.first(where: { $0.path == path }) else {
        throw SematicError.unknownFunction(path, known: functions.map(\.path))
      }
      var arguments: [String: JSONNode] = [:]
      for (name, artifact) in run.inputArtifacts { arguments[name] = try await recorder.value(of: artifact) }
      System.say("run \(order.run): \(function.path)")
      // Who called a standalone function runs it again, and ends it in time; a root run has nobody else.
      if order.resolves, run.cacheKey == nil { run.cacheKey = pipeline.cacheKey(of: run, function) }
      let execution = Execution(
        run: run, pipeline: pipeline, retry: order.resolves ? function.options.retry : nil,
        timeLimit: order.resolves ? timeLimit(of: function) : nil, counterpart: counterpart, firstAttempt: attempt,
        isFirst: true, interval: interval)
      if order.resolves, try await execution.reuse({ $0 }) != nil { return }
      let sources = await FunctionSource.texts(in: environment, recorder.once)
      _ = try await FunctionSource.$launched.withValue(sources) {
        try await execution.finish(announce: order.resolves) { [arguments] in
          let output = try await function.call(arguments)
          return (output.identifier, output)
        }
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

  /// The time limit of the root run: the launch can have another one than the function.
  private func timeLimit(of function: Registration) -> TimeLimit? {
    environment[StepContainers.timeLimitName].flatMap { Duration(variable: $0) }
      .map { TimeLimit(duration: $0, function: function.path) } ?? function.options.timeLimit
  }

  /// Records that the driver is at work.
  ///
  /// - Returns: what a driver before this one has left.
  private func start(_ run: RunRecord, _ recorder: Recorder) async throws -> RerunDecision? {
    var resolution = try await recorder.resolution(run.identifier)
    for attempt in 1..<12 where resolution.status == .created {
      try await retries.pause(min(attempt, 3))
      resolution = try await recorder.resolution(run.identifier)
    }
    if resolution.status == .canceled { throw SematicError.canceled(id: run.identifier) }
    guard resolution.status != .running else { return try await endSteps(of: run, recorder) }
    resolution.status = .running
    try await recorder.save(resolution, of: run)
    return nil
  }

  /// Ends the steps that an earlier pod of this run has left: nobody waits for them any more.
  ///
  /// - Returns: the steps, of which those that are done need not be run again; nil where there are none.
  private func endSteps(of run: RunRecord, _ recorder: Recorder) async throws -> RerunDecision? {
    guard try await recorder.hasSteps(run.identifier) else { return nil }
    let graph = try await recorder.graph(of: run.root)
    for identifier in graph.descendants(of: run.identifier) {
      // With all of its edges, as they were.
      guard var step = graph.runs[identifier], !step.hasEnded else { continue }
      step.cancel()
      try await recorder.save(step)
    }
    return RerunDecision(graph, continuing: run.identifier)
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
