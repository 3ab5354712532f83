/// When a function that failed is run again, with all of its steps, as Python's `RetrySettings` says it.
///
/// ```swift
/// SematicFunction("download", retry: RetrySettings(retries: 3) { $0 is NetworkError }) { (address: String) in ... }
/// ```
public struct RetrySettings: Sendable {
  /// How often at most, after the first time.
  public let retries: Int
  private let isWorthwhile: @Sendable (any Error) -> Bool

  /// - Parameter isWorthwhile: for which errors; by default for all. Of a function that ran in a container of its own, the
  ///   error is `SematicError.runFailed`, with the name of the error that was thrown there.
  public init(retries: Int, when isWorthwhile: @escaping @Sendable (any Error) -> Bool = { _ in true }) {
    self.retries = retries
    self.isWorthwhile = isWorthwhile
  }

  /// Whether to run again after this error, when that was done `count` times already.
  func allow(_ error: any Error, after count: Int) -> Bool {
    // A task that was canceled would only be canceled again.
    if error is CancellationError || Task.isCancelled { return false }
    if case .canceled? = error as? SematicError { return false }
    return count < retries && isWorthwhile(error)
  }
}

extension RetrySettings? {
  /// Runs the body until it succeeds or is not to be run again.
  func perform<Output: Sendable>(_ body: @Sendable () async throws -> Output) async throws -> Output {
    var count = 0
    while true {
      do {
        return try await body()
      } catch {
        guard let settings = self, settings.allow(error, after: count) else { throw error }
        count += 1
      }
    }
  }
}
