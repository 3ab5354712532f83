/// A limit to how much goes on at the same time.
actor ConcurrencyLimit {
  private var free: Int
  private var ticket = 0
  private var waiting: [(ticket: Int, continuation: CheckedContinuation<Void, any Error>)] = []

  /// - Parameter count: at least one.
  init(_ count: Int) { free = max(1, count) }

  /// Runs the body when there is room for it.
  ///
  /// - Throws: what the body throws; `CancellationError` where the task was canceled before it began.
  func perform<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    try await enter()
    defer { leave() }
    return try await body()
  }

  private func enter() async throws {
    try Task.checkCancellation()
    guard free == 0 else {
      free -= 1
      return
    }
    ticket += 1
    let own = ticket
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiting.append((own, $0)) }
    } onCancel: {
      Task { await giveUp(own) }
    }
  }

  private func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().continuation.resume() }
  }

  private func giveUp(_ ticket: Int) {
    guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
    waiting.remove(at: index).continuation.resume(throwing: CancellationError())
  }
}
