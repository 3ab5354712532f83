/// One run of a function, from its start to the record of its end.
struct Execution: Sendable {
  var run: RunRecord
  let pipeline: PipelineContext
  var retry: RetrySettings?
  var timeLimit: TimeLimit?
  /// The earlier run that this one repeats.
  var counterpart: RerunDecision.Counterpart?
  /// The number of the first attempt here.
  var firstAttempt = 1
  /// Whether the run is the first of this process, which ends when the run is canceled on the server.
  var isFirst = false
  /// The seconds between two questions whether the run was canceled.
  var interval = 5.0
  var whenResolved: @Sendable (RunRecord, Artifact) -> Void = { _, _ in }

  private var recorder: Recorder { pipeline.recorder }

  /// Runs the function and saves its output, or why it failed.
  ///
  /// For the root run, the resolution ends with it.
  /// - Parameter announce: whether the run has to be marked as started here; the server has done that for a standalone one.
  func perform<Output: Codable & Sendable>(
    announce: Bool, body: @escaping @Sendable () async throws -> Output
  ) async throws -> Output {
    try await finish(announce: announce) {
      let output = try await body()
      return (output, try await Artifact.output(of: output))
    }
  }

  func finish<Output: Sendable>(
    announce: Bool, body: @escaping @Sendable () async throws -> (Output, Artifact)
  ) async throws -> Output {
    var run = run
    do {
      if announce {
        // What was canceled meanwhile must stay so.
        if isFirst { try await checkNotEnded(run) }
        run.start()
        try await recorder.save(run)
      }
    } catch is CancellationError {
      // The server may have it already.
      run.cancel()
      try? await uncanceled { [run] in try await recorder.save(run) }
      throw CancellationError()
    }
    run.forgetSaved()
    var attempts = 0
    while true {
      let context = RunContext(
        run, attempt: firstAttempt + attempts, pipeline: pipeline, earlier: counterpart?.run.identifier)
      do {
        let (output, artifact) = try await watched(run, context, body)
        run.resolve(artifact)
        if let edge = context.values.returned(artifact.identifier, by: run) { run.add(edge) }
        try await end(run, status: .complete)
        whenResolved(run, artifact)
        return output
      } catch let error as Unsaved {
        throw error.cause
      } catch {
        if let retry, retry.allow(error, after: attempts) {
          attempts += 1
          System.say("run \(run.identifier): attempt \(attempts) of \(retry.retries + 1) failed: \(error)")
          try await restart(&run)
          continue
        }
        if await context.failures.include(error) {
          run.failByStep()
        } else if error is CancellationError, Task.isCancelled, run.identifier != run.root {
          // A step beside it has failed, and that is the one to tell of.
          run.cancel()
        } else {
          run.fail(error)
        }
        try await end(run, status: .failed)
        throw error
      }
    }
  }

  private func restart(_ run: inout RunRecord) async throws {
    try await checkNotEnded(run)
    run.retry()
    try await recorder.save(run)
    run.start()
    try await recorder.save(run)
  }

  /// A run is ended from elsewhere when it is canceled, or has taken too long for its caller.
  private func checkNotEnded(_ run: RunRecord) async throws {
    if try await recorder.run(run.identifier).hasEnded { throw SematicError.canceled(id: run.identifier) }
  }

  /// A failure to save, which must not be saved as a failure of the function.
  private struct Unsaved: Error { let cause: any Error }

  /// - Parameter isKnown: whether the server has the run.
  private func end(_ run: RunRecord, status: ResolutionStatus, isKnown: Bool = true) async throws {
    do {
      try await uncanceled {
        if isKnown { try await checkNotEnded(run) }
        // Sematic deletes the Job of a run that is saved in an end state: its SIGTERM comes while there is still to do.
        if isFirst { System.ignoreTermination() }
        try await recorder.save(run)
        guard run.identifier == run.root else { return }
        var resolution = try await recorder.resolution(run.root)
        guard !resolution.hasEnded else { return }
        resolution.status = status
        try await recorder.save(resolution, of: run)
      }
    } catch {
      throw Unsaved(cause: error)
    }
  }

  /// Ends the run with an output that the server has, of the same function for the same arguments.
  ///
  /// - Parameter read: reads the output.
  /// - Returns: nil where there is none, or none that can be read: then the function has to run.
  func reuse<Output: Sendable>(
    _ read: (JSONNode) async throws -> Output
  ) async throws -> (output: Output, value: JSONNode, run: RunRecord)? {
    let earlier = counterpart.flatMap { $0.isDone ? $0 : nil }
    do {
      guard let source = try await sourceOfOutput(earlier), let artifact = source.outputArtifact else { return nil }
      let value = try await recorder.value(of: artifact)
      let output = try await read(value)
      if let earlier, earlier.isOwn { return (output, value, source) }
      var ended = run
      let copies = earlier.flatMap { pipeline.earlier?.graph.steps(of: $0.run.identifier, copiedInto: run) } ?? []
      ended.reuse(artifact, of: source, copies)
      try await end(ended, status: .complete, isKnown: run.identifier == run.root)
      System.say("run \(run.identifier): \(run.functionPath) has the output of the run \(ended.original)")
      return (output, value, ended)
    } catch let error as Unsaved {
      throw error.cause
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      System.say("run \(run.identifier): no recorded output can be used: \(error)")
      return nil
    }
  }

  private func sourceOfOutput(_ earlier: RerunDecision.Counterpart?) async throws -> RunRecord? {
    if let earlier { return earlier.run }
    guard let key = run.cacheKey else { return nil }
    return try await recorder.cached(key)
  }

  /// Runs the body as a task that ends when the run is canceled on the server, or its time is over.
  private func watched<Result: Sendable>(
    _ run: RunRecord, _ context: RunContext, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard isFirst || timeLimit != nil else {
      return try await RunContext.$current.withValue(context, operation: body)
    }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await RunContext.$current.withValue(context, operation: body) }
      if let timeLimit { group.addTask { try await timeLimit.expire() } }
      let (recorder, interval, isFirst) = (recorder.once, interval, isFirst)
      group.addTask {
        while isFirst, !Task.isCancelled {
          try await System.pause(seconds: max(0.01, interval))
          let state = try? await recorder.run(run.identifier).state
          if state == .canceled { throw Unsaved(cause: SematicError.canceled(id: run.identifier)) }
        }
        return nil
      }
      defer { group.cancelAll() }
      while let result = try await group.next() { if let result { return result } }
      throw CancellationError()
    }
  }
}
