import Foundation

/// A value behind a lock, as `Mutex` is, which macOS has from 15 on only.
package final class Guarded<Value>: @unchecked Sendable {  // guarded by its lock
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&value) }
  }
}
