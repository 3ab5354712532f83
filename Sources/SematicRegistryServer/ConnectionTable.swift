import SematicSystem

/// The connections that are being served: never more than a bound, and all of them can be ended.
///
/// When all places are taken, the connection that has waited longest for a request gives way: an idle client cannot
/// keep another one out.
final class ConnectionTable: @unchecked Sendable {  // everything is guarded by `condition`
  private struct Entry {
    let socket: Socket
    /// When it began to wait for a request, by count; nil while it is being served.
    var idleSince: UInt64?
  }

  private let condition = Condition()
  private let limit: Int
  private var entries: [UInt64: Entry] = [:]
  private var clock: UInt64 = 0
  private var isClosed = false

  init(limit: Int) { self.limit = limit }

  /// Waits for a place; nil once the table is closed.
  func admit(_ socket: Socket) -> UInt64? {
    condition.lock()
    defer { condition.unlock() }
    while entries.count >= limit && !isClosed {
      let idle = entries.values.filter { $0.idleSince != nil }
      idle.min { ($0.idleSince ?? 0) < ($1.idleSince ?? 0) }?.socket.interrupt()
      condition.wait()
    }
    guard !isClosed else { return nil }
    clock += 1
    entries[clock] = Entry(socket: socket, idleSince: clock)
    return clock
  }

  func setIdle(_ isIdle: Bool, _ id: UInt64) {
    condition.lock()
    defer { condition.unlock() }
    clock += 1
    entries[id]?.idleSince = isIdle ? clock : nil
    if isIdle { condition.broadcast() }
  }

  /// Closes the socket: under the lock, so that nobody interrupts another connection that got its number.
  func remove(_ id: UInt64) {
    condition.lock()
    defer { condition.unlock() }
    entries.removeValue(forKey: id)?.socket.close()
    condition.broadcast()
  }

  /// Ends all connections, and waits until the last is gone.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
    for entry in entries.values { entry.socket.interrupt() }
    while !entries.isEmpty { condition.wait() }
  }
}
