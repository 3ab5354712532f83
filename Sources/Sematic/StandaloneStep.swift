/// A step in a container of its own: the server starts it, and here it is waited for.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/runners/cloud_runner.py
struct StandaloneStep {
  let function: Registration
  let recorder: Recorder
  /// Between two questions at most, in seconds: it begins with one and grows.
  var interval = 15.0
  let startLimit: Duration

  /// - Parameter run: as it was created, with its image.
  /// - Returns: the value of its output.
  /// - Throws: `SematicError`; `CancellationError` after the run was canceled on the server, too.
  func perform(_ run: Run) async throws -> JSON {
    var run = run
    try recorder.save(run)
    run.artifacts = []
    var attempts = 0
    while true {
      try schedule(&run)
      System.say("run \(run.identifier): \(function.path) has a container of its own")
      do {
        return try await output(of: run.identifier)
      } catch let error as SematicError {
        if case .stepNotStarted = error { try? end(run.identifier) { $0.fail(error) } }
        guard case .runFailed = error, let retry = function.settings.retry, retry.allow(error, after: attempts) else {
          throw error
        }
        attempts += 1
        System.say("attempt \(attempts) of \(retry.retries + 1): \(error)")
        run = try recorder.run(run.identifier)
        run.retry()
        try recorder.save(run)
      } catch is CancellationError {
        try? end(run.identifier) { $0.cancel() }
        throw CancellationError()
      }
    }
  }

  private func schedule(_ run: inout Run) throws {
    do {
      try recorder.server.call("schedule the run", "POST", "/runs/\(run.identifier)/schedule", .object([:])) {
        // An answer that was lost: the server refuses to schedule twice.
        (try? recorder.run(run.identifier).state).map { !["CREATED", "RETRYING"].contains($0) } ?? false
      }
    } catch {
      run.fail(error)
      try? recorder.save(run)
      throw error
    }
  }

  /// Waits for the end of the run.
  private func output(of identifier: String) async throws -> JSON {
    let operation = "ask for the run's state"
    var pause = 1.0
    let asked = ContinuousClock.now
    var hasStarted = false
    while true {
      // With this question the server looks after the Job, too.
      let question = JSON.object(["run_ids": .array([.string(identifier)])])
      let answer = try recorder.server.call(operation, "POST", "/runs/future_states", question)
      guard let state = answer["content"]?.elements?.first?["future_state"]?.text else {
        throw SematicError.unexpectedAnswer(operation: operation, reason: "there is no run \(identifier)")
      }
      switch state {
      case "RESOLVED":
        guard let artifact = try recorder.run(identifier).outputArtifact else {
          throw SematicError.unexpectedAnswer(operation: operation, reason: "it is RESOLVED, without an output")
        }
        return try recorder.value(of: artifact)
      case "FAILED", "NESTED_FAILED": throw try recorder.failure(of: try recorder.run(identifier))
      case "CANCELED": throw SematicError.canceled(id: identifier)
      default:
        if !hasStarted, asked.duration(to: .now) >= startLimit {
          try checkStarted(identifier)
          hasStarted = true
        }
        try await Task.sleep(nanoseconds: UInt64(max(0, min(pause, interval)) * 1_000_000_000))
        pause = min(pause * 1.25, interval)
      }
    }
  }

  /// - Throws: `SematicError.stepNotStarted` while the newest Job has never run.
  private func checkStarted(_ identifier: String) throws {
    let answer: JSON
    do {
      answer = try recorder.server.call("look at the step's Job", "GET", "/runs/\(identifier)/jobs")
    } catch SematicError.refused {
      // A server that keeps no Jobs.
      return
    }
    let jobs = answer["content"]?.elements ?? []
    guard let job = jobs.max(by: { $0["created_at"]?.text ?? "" < $1["created_at"]?.text ?? "" }),
      let history = job["status_history_serialization"]?.elements,
      history.allSatisfy({ ["Requested", "Pending"].contains($0["state"]?.text) })
    else { return }
    throw SematicError.stepNotStarted(
      id: identifier, seconds: startLimit.components.seconds, image: try recorder.run(identifier).image ?? "",
      reason: job["message"]?.text ?? "nothing")
  }

  /// Nobody waits for it any more: when it is saved as ended, the server ends its container.
  private func end(_ identifier: String, _ change: (inout Run) -> Void) throws {
    var run = try recorder.run(identifier)
    guard !run.hasEnded else { return }
    change(&run)
    try recorder.save(run)
  }
}
