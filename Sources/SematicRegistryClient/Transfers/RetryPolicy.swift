import SematicSystem

/// The number of retries after transient failures, and the pauses between them.
package struct RetryPolicy: Sendable {
  /// The number of tries; 1 never retries.
  package var tries = 5
  /// The first pause in seconds; each further pause is twice as long.
  package var pause = 0.5
  package var longestPause = 30.0
  /// The longest wait that a registry may ask for.
  package var longestRetryAfter = 120.0

  package init() {}

  package init(tries: Int, pause: Double = 0.5) {
    self.tries = tries
    self.pause = pause
  }

  /// The pause after a failed try; nil to give up.
  /// - Parameter number: the number of the failed try, from 1.
  func pause(after error: RegistryError, try number: Int) -> Double? {
    // A wrong name or port is far more likely than one that will be right in a moment.
    let tries =
      switch error.reason {
      case .nameUnknown, .refused, .proxyUnknown, .proxyRefused: min(tries, 3)
      default: tries
      }
    guard error.isTransient, number < tries else { return nil }
    // Many clients that failed at the same moment must not come back at the same moment.
    let backoff = min(longestPause, pause * pow(2, Double(min(number, 32) - 1))) * Double.random(in: 0.75...1.25)
    guard let asked = error.retryAfter else { return backoff }
    return asked <= longestRetryAfter ? max(asked, backoff) : nil
  }
}
