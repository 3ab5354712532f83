/// The time that a function may take.
struct TimeLimit: Sendable {
  let duration: Duration
  /// The path of the function.
  let function: String

  var error: SematicError { .timedOut(function: function, limit: duration) }

  /// Throws when the time is over.
  ///
  /// - Throws: `SematicError.timedOut`, `CancellationError`.
  func expire() async throws -> Never {
    try await Task.sleep(for: duration)
    throw error
  }

  /// Runs the body, and cancels it when the time is over.
  func perform<Output: Sendable>(_ body: @escaping @Sendable () async throws -> Output) async throws -> Output {
    try await withThrowingTaskGroup(of: Output.self) { group in
      group.addTask(operation: body)
      group.addTask { try await expire() }
      defer { group.cancelAll() }
      guard let output = try await group.next() else { throw CancellationError() }
      return output
    }
  }
}
