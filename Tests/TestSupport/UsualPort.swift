import Dispatch
import Testing

/// One test at a time that serves the embedded registry, or counts on its usual address.
///
/// The address is in references, which a test compares with those of an earlier command, or with the README's.
package struct UsualPort: SuiteTrait, TestTrait, TestScoping {
  private static let turn = DispatchSemaphore(value: 1)

  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    // Whoever has the turn must not queue behind all other tests.
    try await OwnThread().provideScope(for: test, testCase: testCase) {
      Self.wait()
      defer { Self.turn.signal() }
      try await function()
    }
  }

  /// For a part of a test.
  package static func take(_ body: () throws -> Void) rethrows {
    wait()
    defer { turn.signal() }
    try body()
  }

  private static func wait() { turn.wait() }
}

extension Trait where Self == UsualPort {
  /// For tests that serve the embedded registry, or count on its usual address.
  package static var usualPort: Self { Self() }
}
