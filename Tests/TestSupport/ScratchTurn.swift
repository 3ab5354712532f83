import Foundation

/// One verb at a time in a scratch folder that several packages build in.
///
/// SwiftPM would wait as well, but talks about it. Whoever has the turn can take it again: it is the test's thread that has
/// it.
package final class ScratchTurn: Sendable {
  private static let locks = Guarded<[String: NSRecursiveLock]>([:])
  private let lock: NSRecursiveLock

  package init(_ scratch: String = VerbScratch.path) {
    lock = Self.locks.withLock { locks in
      let lock = locks[scratch] ?? NSRecursiveLock()
      locks[scratch] = lock
      return lock
    }
    lock.lock()
  }

  deinit { lock.unlock() }

  package static func take<Result>(_ scratch: String = VerbScratch.path, _ body: () throws -> Result) rethrows -> Result
  {
    try withExtendedLifetime(ScratchTurn(scratch)) { try body() }
  }
}
