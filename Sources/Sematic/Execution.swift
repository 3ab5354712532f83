/// What a function that runs now belongs to.
struct RunContext: Sendable {
  @TaskLocal static var current: RunContext?

  let run: String
  let root: String
  let image: String?
  let recorder: Recorder?
  /// Where steps can have containers of their own: on Kubernetes.
  var containers: StepContainers?
  /// What its steps have failed with.
  let failures = NestedFailures()
}

/// The errors of a run's steps: whether it failed by one of them, or of itself.
actor NestedFailures {
  private var texts: Set<String> = []

  func note(_ error: any Error) { texts.insert(Self.text(error)) }

  /// Whether the error is that of a step. Errors cannot be compared; that the same was thrown again can be seen.
  func include(_ error: any Error) -> Bool { texts.contains(Self.text(error)) }

  private static func text(_ error: any Error) -> String { "\(type(of: error)): \(error)" }
}

/// One run of a function, from its start to the record of its end.
struct Execution {
  var run: Run
  let recorder: Recorder
  /// Where steps can have containers of their own.
  var containers: StepContainers?
  var retry: RetrySettings?
  /// Whether the run is the first of this process, which ends when the run is canceled on the server.
  var isFirst = false
  /// Between two questions whether the run was canceled.
  var interval = 5.0

  /// Runs the function and saves its output, or why it failed.
  ///
  /// For the root run, the resolution ends with it.
  /// - Parameter announce: whether the run has to be marked as started here; the server has done that for a worker.
  func perform<Output: Codable & Sendable>(
    announce: Bool, body: @escaping @Sendable () async throws -> Output
  ) async throws -> Output {
    try await finish(announce: announce) {
      let output = try await body()
      return (output, try PythonValue.top(output))
    }
  }

  func finish<Output: Sendable>(
    announce: Bool, body: @escaping @Sendable () async throws -> (Output, PythonValue)
  ) async throws -> Output {
    var run = run
    if announce { run.start() }
    try recorder.save(run)
    run.artifacts = []
    var attempts = 0
    while true {
      let context = RunContext(
        run: run.identifier, root: run.root, image: run.image, recorder: recorder, containers: containers)
      do {
        let (output, value) = try await watched(run, context, body)
        run.resolve(value)
        try end(run, status: "COMPLETE")
        return output
      } catch let error as Unsaved {
        throw error.cause
      } catch {
        if let retry, retry.allow(error, after: attempts) {
          attempts += 1
          System.say("run \(run.identifier): attempt \(attempts) of \(retry.retries + 1) failed: \(error)")
          try restart(&run)
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
        try end(run, status: "FAILED")
        throw error
      }
    }
  }

  private func restart(_ run: inout Run) throws {
    try checkNotCanceled(run)
    run.retry()
    try recorder.save(run)
    run.start()
    try recorder.save(run)
  }

  private func checkNotCanceled(_ run: Run) throws {
    if try recorder.run(run.identifier).state == "CANCELED" { throw SematicError.canceled(id: run.identifier) }
  }

  /// A failure to save must not be saved as a failure of the function.
  private struct Unsaved: Error { let cause: any Error }

  private func end(_ run: Run, status: String) throws {
    do {
      try checkNotCanceled(run)
      // Sematic deletes the Job of a run that is saved in an end state: its SIGTERM comes while there is still to do.
      if isFirst { System.ignoreTermination() }
      try recorder.save(run)
      guard run.identifier == run.root else { return }
      var resolution = try recorder.resolution(run.root)
      guard !resolution.hasEnded else { return }
      resolution.status = status
      try recorder.save(resolution, of: run)
    } catch {
      throw Unsaved(cause: error)
    }
  }

  /// Runs the body as a task that ends when the run is canceled on the server.
  private func watched<Result: Sendable>(
    _ run: Run, _ context: RunContext, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard isFirst else {
      return try await RunContext.$current.withValue(context, operation: body)
    }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await RunContext.$current.withValue(context, operation: body) }
      let (recorder, interval) = (recorder, interval)
      group.addTask {
        while !Task.isCancelled {
          try await Task.sleep(nanoseconds: UInt64(max(0.01, interval) * 1_000_000_000))
          let state = try? Recorder(server: recorder.server.once).run(run.identifier).state
          if state == "CANCELED" { throw Unsaved(cause: SematicError.canceled(id: run.identifier)) }
        }
        return nil
      }
      defer { group.cancelAll() }
      while let result = try await group.next() { if let result { return result } }
      throw CancellationError()
    }
  }
}
