/// What Sematic's Job asks of a container: `--run_id HEX [--resolve] ...`.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/resolvers/worker.py
struct WorkerOrder: Equatable {
  let run: String
  /// For a driver, which stands for the whole pipeline; else for one run of it.
  let resolves: Bool

  static func isPresent(in arguments: [String]) -> Bool {
    arguments.contains { $0 == "--run_id" || $0.hasPrefix("--run_id=") }
  }

  /// Nil where a person started the program. Arguments that later versions may add are no fault.
  init?(arguments: [String]) throws {
    guard Self.isPresent(in: arguments) else { return nil }
    var (run, resolves, index) = ("", false, 0)
    while index < arguments.count {
      let argument = arguments[index]
      if argument.hasPrefix("--run_id=") { run = String(argument.dropFirst(9)) }
      if argument == "--run_id", index + 1 < arguments.count {
        index += 1
        run = arguments[index]
      }
      if argument == "--resolve" { resolves = true }
      index += 1
    }
    guard run.utf8.count == 32, run.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      throw SematicError.misuse("--run_id '\(run)' is not the identifier of a run: 32 digits 0-9a-f")
    }
    self.run = run
    self.resolves = resolves
  }
}

/// Runs one function in a container, as Sematic asks for it.
struct Worker {
  let functions: [Registration]
  let environment: [String: String]
  var patience = Server.Patience()
  var interval = 5.0

  func perform(_ order: WorkerOrder) async throws {
    guard let server = try Server(Settings(environment: environment), patience: patience) else {
      throw SematicError.noServer
    }
    try server.check()
    let recorder = Recorder(server: server)
    var run = try scheduled(order, recorder)
    // A pod that was started again after its work was done.
    if run.hasEnded { return System.say("the run \(order.run) is \(run.state): nothing to do") }
    do {
      if order.resolves { try start(run, recorder) }
      let containers = try recorder.resolution(run.root).images
        .map { StepContainers(images: $0, environment: environment) }
      let path = run.functionPath
      guard let function = functions.first(where: { $0.path == path }) else {
        throw SematicError.unknownFunction(path, known: functions.map(\.path))
      }
      if order.resolves { run.start() }
      let arguments = try run.inputArtifacts.mapValues { try recorder.value(of: $0) }
      System.say("run \(order.run): \(function.path)")
      // Who called a standalone function runs it again; a root run has nobody else.
      let execution = Execution(
        run: run, recorder: recorder, containers: containers,
        retry: order.resolves ? function.settings.retry : nil, isFirst: true, interval: interval)
      _ = try await execution.finish(announce: false) {
        let value = try await function.call(arguments)
        return (value.value, value)
      }
    } catch let error as SematicError {
      if case .canceled = error { throw error }
      try? fail(order, error, recorder)
      throw error
    }
  }

  /// The run; that of a standalone function once the server has written down that it is scheduled, which it does after
  /// the Job is started.
  private func scheduled(_ order: WorkerOrder, _ recorder: Recorder) throws -> Run {
    var run = try recorder.run(order.run)
    for attempt in 1..<12 where !order.resolves && ["CREATED", "RETRYING"].contains(run.state) {
      patience.pause(min(attempt, 3))
      run = try recorder.run(order.run)
    }
    return run
  }

  /// Tells that the driver is at work.
  private func start(_ run: Run, _ recorder: Recorder) throws {
    var resolution = try recorder.resolution(run.identifier)
    // The Job is started before the server has written down that it is scheduled.
    for attempt in 1..<12 where resolution.status == "CREATED" {
      patience.pause(min(attempt, 3))
      resolution = try recorder.resolution(run.identifier)
    }
    if resolution.status == "CANCELED" { throw SematicError.canceled(id: run.identifier) }
    // A pod that was started again begins anew, and nobody waits any more for the steps that the one before has left.
    guard resolution.status != "RUNNING" else {
      for var step in try recorder.runs(of: run.identifier) where step.identifier != run.identifier && !step.hasEnded {
        step.cancel()
        try recorder.save(step)
      }
      return
    }
    resolution.status = "RUNNING"
    try recorder.save(resolution, of: run)
  }

  /// For what went wrong before the function could be called.
  private func fail(_ order: WorkerOrder, _ error: SematicError, _ recorder: Recorder) throws {
    var run = try scheduled(order, recorder)
    guard !run.hasEnded else { return }
    run.fail(error)
    try recorder.save(run)
    guard order.resolves else { return }
    var resolution = try recorder.resolution(run.root)
    guard !resolution.hasEnded else { return }
    resolution.status = "FAILED"
    try recorder.save(resolution, of: run)
  }
}
