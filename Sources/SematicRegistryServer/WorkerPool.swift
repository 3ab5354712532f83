import SematicSystem

/// A few threads that serve the connections that can continue: those with a new request first, since most want little,
/// but for every fourth one a transfer that is under way.
final class WorkerPool: @unchecked Sendable {  // what changes is guarded by `condition`
  /// More would not make disks and processors faster.
  private static let limit = 8

  private let condition = Condition()
  private var queue: [ServerConnection] = []
  private var transfers: [ServerConnection] = []
  private var turns = 0
  private var active: [ObjectIdentifier: ServerConnection] = [:]
  private var workers = 0
  private var idle = 0
  private var isStopped = false
  /// Takes back a connection that has to wait, or has ended.
  private let giveBack: @Sendable (ServerConnection) -> Void

  init(giveBack: @escaping @Sendable (ServerConnection) -> Void) { self.giveBack = giveBack }

  /// Whether connections are waiting for a worker, or all of them have to end.
  var isCrowded: Bool { condition.withLock { isFull } }

  private var isFull: Bool { !queue.isEmpty || !transfers.isEmpty || isStopped }

  /// The milliseconds for which a worker may wait for a client itself, since most clients are faster than a change of
  /// threads: none when others are waiting, and only a few when few workers are left for those that come.
  var grace: CInt {
    condition.withLock { isFull ? 0 : (workers - idle) * 2 <= Self.limit ? 500 : 5 }
  }

  func add(_ connections: [ServerConnection]) {
    guard !connections.isEmpty else { return }
    condition.lock()
    for connection in connections {
      if connection.isTransferring { transfers.append(connection) } else { queue.append(connection) }
    }
    let count = queue.count + transfers.count
    let missing = min(count - idle, Self.limit - workers)
    if missing > 0 { workers += missing }
    for _ in 0..<min(count, idle) { condition.signal() }
    condition.unlock()
    // The stack is large enough for the deepest JSON that is accepted.
    for _ in 0..<max(0, missing) { SystemThread.start(stackSize: 8 << 20) { [self] in work() } }
  }

  /// Returns when no worker is left.
  func stop() {
    condition.lock()
    isStopped = true
    (queue, transfers) = ([], [])
    // Nobody waits for a client any more.
    for connection in active.values { connection.socket.interrupt() }
    condition.broadcast()
    while workers > 0 { condition.wait() }
    condition.unlock()
  }

  private func work() {
    let incoming = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    let outgoing = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    while let connection = next() {
      connection.advance(Turn(pool: self, incoming: incoming, outgoing: outgoing))
      condition.withLock { active[ObjectIdentifier(connection)] = nil }
      if connection.pause == .turn { add([connection]) } else { giveBack(connection) }
    }
    incoming.deallocate()
    outgoing.deallocate()
    condition.lock()
    workers -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func next() -> ServerConnection? {
    condition.lock()
    defer { condition.unlock() }
    idle += 1
    defer { idle -= 1 }
    while !isFull { condition.wait() }
    guard !isStopped else { return nil }
    turns = (turns + 1) % 4
    let connection =
      transfers.isEmpty || turns > 0 && !queue.isEmpty ? queue.removeFirst() : transfers.removeFirst()
    active[ObjectIdentifier(connection)] = connection
    return connection
  }
}

/// The time that a worker has for one connection, and its buffers.
struct Turn {
  /// In nanoseconds.
  private static let length: UInt64 = 2_000_000

  private let pool: WorkerPool
  let incoming: UnsafeMutableRawBufferPointer
  let outgoing: UnsafeMutableRawBufferPointer
  private let began = MonotonicClock.nanoseconds

  init(pool: WorkerPool, incoming: UnsafeMutableRawBufferPointer, outgoing: UnsafeMutableRawBufferPointer) {
    self.pool = pool
    self.incoming = incoming
    self.outgoing = outgoing
  }

  /// After a second in any case: a client that sends a byte now and then must not have a worker for itself.
  var isOver: Bool {
    let elapsed = MonotonicClock.nanoseconds - began
    return elapsed > Self.length && pool.isCrowded || elapsed > 1_000_000_000
  }

  /// Whether other connections are waiting.
  var isCrowded: Bool { pool.isCrowded }

  var grace: CInt { pool.grace }
}
