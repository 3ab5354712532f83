/// A step in a container of its own: the server starts the container, and the step waits for its run.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/runners/cloud_runner.py
struct StandaloneStep: Sendable {
  let function: Registration
  let recorder: Recorder
  /// The longest pause between two questions, in seconds: the first is one second, and each next one is longer.
  var interval = 15.0
  let containers: StepContainers

  /// - Parameter run: as it was created, with its image.
  /// - Returns: the value of its output, and the run as it ended.
  /// - Throws: `SematicError`; `CancellationError` after the run was canceled on the server, too.
  func perform(_ run: RunRecord) async throws -> (JSONNode, RunRecord) {
    var saved = run
    try await recorder.save(saved)
    saved.forgetSaved()
    guard let limit = containers.limit else { return try await attempt(saved) }
    do {
      return try await limit.perform { [saved] in try await attempt(saved) }
    } catch is CancellationError {
      try? await end(run.identifier) { $0.cancel() }
      throw CancellationError()
    }
  }

  private func attempt(_ run: RunRecord) async throws -> (JSONNode, RunRecord) {
    var run = run
    var attempts = 0
    while true {
      do {
        try await schedule(&run)
        System.say("run \(run.identifier): \(function.path) has a container of its own")
        return try await output(of: run.identifier)
      } catch let error as SematicError {
        if [.stepNotStarted, .timedOut].contains(error.code) { try? await end(run.identifier) { $0.fail(error) } }
        guard [.runFailed, .timedOut].contains(error.code), let retry = function.options.retry,
          retry.allow(error, after: attempts)
        else { throw error }
        attempts += 1
        System.say("attempt \(attempts) of \(retry.retries + 1): \(error)")
        run = try await recorder.run(run.identifier)
        run.retry()
        try await recorder.save(run)
      } catch is CancellationError {
        try? await end(run.identifier) { $0.cancel() }
        throw CancellationError()
      }
    }
  }

  private func schedule(_ run: inout RunRecord) async throws {
    let (identifier, recorder) = (run.identifier, recorder)
    do {
      try await recorder.client.call("schedule the run", "POST", "/runs/\(identifier)/schedule", .object([:])) {
        // The server refuses to schedule twice.
        (try? await recorder.run(identifier)).map { $0.state?.awaitsContainer != true } ?? false
      }
    } catch let error as SematicError {
      run.fail(error)
      try? await recorder.save(run)
      throw error
    }
  }

  /// The value of the output, when the run has ended.
  private func output(of identifier: String) async throws -> (JSONNode, RunRecord) {
    let operation = "read the run's state"
    var pause = 1.0
    let asked = ContinuousClock.now
    var start = JobStart()
    while true {
      if let limit = function.options.timeLimit, asked.duration(to: .now) >= limit.duration { throw limit.error }
      // With this question the server looks after the Job, too.
      let question = JSON.object(["run_ids": .array([.string(identifier)])])
      let answer = try await recorder.client.call(operation, "POST", "/runs/future_states", question)
      guard let state = answer["content"]?.elements?.first?["future_state"]?.text else {
        throw SematicError.unexpectedAnswer(operation: operation, reason: "there is no run \(identifier)")
      }
      switch RunState(rawValue: state) {
      case .resolved:
        let run = try await recorder.run(identifier)
        return (try await recorder.output(of: run), run)
      case .failed, .nestedFailed: throw try await recorder.failure(of: try await recorder.run(identifier))
      case .canceled: throw SematicError.canceled(id: identifier)
      default:
        if !start.isOver, asked.duration(to: .now) >= min(.seconds(5), containers.startLimit) {
          try await look(at: &start, of: identifier, since: asked)
        }
        // A time limit is kept to the second.
        try await System.pause(seconds: min(pause, function.options.timeLimit == nil ? interval : 1))
        pause = min(pause * 1.25, interval)
      }
    }
  }

  /// What is known of the start of a Job.
  private struct JobStart {
    var isOver = false
    /// Why it has not started yet, as the cluster says.
    var reason = ""
  }

  /// The states of a Job that has not run yet, by Sematic's names:
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/scheduling/job_details.py
  private static let statesBeforeStart = ["Requested", "Pending"]

  /// Says why the newest Job has not started, when that changes.
  ///
  /// - Throws: `SematicError.stepNotStarted` when it should have.
  private func look(at start: inout JobStart, of identifier: String, since asked: ContinuousClock.Instant) async throws
  {
    guard let job = try await recorder.jobs(of: identifier).last,
      let history = job["status_history_serialization"]?.elements,
      history.allSatisfy({ Self.statesBeforeStart.contains($0["state"]?.text ?? "") })
    else {
      start.isOver = true
      return
    }
    let reason = job["message"]?.text ?? "nothing"
    guard asked.duration(to: .now) < containers.startLimit else {
      throw SematicError.stepNotStarted(
        id: identifier, seconds: containers.startLimit.components.seconds,
        image: try await recorder.run(identifier).image ?? "", reason: reason)
    }
    if reason != start.reason {
      System.say("run \(identifier): its container has not started yet: \(reason)")
      start.reason = reason
    }
  }

  /// Ends a run that nobody waits for any more: when it is saved as ended, the server ends its container.
  private func end(_ identifier: String, _ change: @escaping @Sendable (inout RunRecord) -> Void) async throws {
    try await uncanceled {
      var run = try await recorder.run(identifier)
      guard !run.hasEnded else { return }
      change(&run)
      try await recorder.save(run)
    }
  }
}
