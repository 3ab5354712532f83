/// The rule by which a function that failed is run again, with all of its steps; `RetrySettings` in Python.
///
/// ```swift
/// SematicFunction("download", retry: RetrySettings(retries: 3) { $0 is NetworkError }) { (address: String) in address.count }
/// ```
public struct RetrySettings: Sendable {
  /// The largest number of further attempts.
  public let retries: Int
  private let isWorthwhile: @Sendable (any Error) -> Bool

  /// A rule.
  ///
  /// - Parameters:
  ///   - retries: the largest number of further attempts.
  ///   - isWorthwhile: for which errors; by default for all. For a function that ran in a container of its own, the error
  ///     is a `SematicError` with the code `runFailed`, whose description has the name of the error that was thrown there.
  public init(retries: Int, when isWorthwhile: @escaping @Sendable (any Error) -> Bool = { _ in true }) {
    self.retries = retries
    self.isWorthwhile = isWorthwhile
  }

  /// Whether to run again after this error, when that was done `count` times already.
  func allow(_ error: any Error, after count: Int) -> Bool {
    // A canceled task would only be canceled again.
    if error is CancellationError || Task.isCancelled { return false }
    if (error as? SematicError)?.code == .canceled { return false }
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
