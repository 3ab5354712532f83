import Foundation

/// One verb at a time in a scratch folder that several packages build in.
///
/// SwiftPM would wait as well, but talks about it. Whoever has the turn can take it again: it is the test's thread that has
/// it.
package final class ScratchTurn: Sendable {
  private static let lock = NSRecursiveLock()

  package init() { Self.lock.lock() }

  deinit { Self.lock.unlock() }

  package static func take<Result>(_ body: () throws -> Result) rethrows -> Result {
    try withExtendedLifetime(ScratchTurn()) { try body() }
  }
}
