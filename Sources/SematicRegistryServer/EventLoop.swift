import SematicSystem

/// The thread that has the connections while they wait for their clients. Workers have them while they can continue, so
/// that no client keeps another one waiting.
///
/// There is a limit to the connections and to the memory that clients can make them keep. Beyond it, the connection that
/// has waited longest is closed; among those, one that was never served before one that was.
final class EventLoop: @unchecked Sendable {  // what several threads change is guarded by `condition`
  private static let memoryLimit = 16 << 20
  private let listener: Listener
  private let limit: Int
  private let connection: @Sendable (Socket) -> ServerConnection
  private let wakeUp: (read: CInt, write: CInt)

  private let condition = Condition()
  private var returned: [ServerConnection] = []
  private var isStopping = false
  private var isRunning = false

  // Only the loop's thread has these.
  private var waiting: [ServerConnection] = []
  /// For the pipe, the listener, and each that is waiting.
  private var entries: [pollfd] = []
  private var count = 0
  private var keptCount = 0
  private var due = UInt64.max

  /// - Throws: `SystemError`.
  init(
    _ listener: Listener, limit: Int, connection: @escaping @Sendable (Socket) -> ServerConnection
  ) throws {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(code: errno) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
    wakeUp = (ends[0], ends[1])
    self.listener = listener
    self.limit = limit
    self.connection = connection
  }

  deinit {
    POSIX.close(wakeUp.read)
    POSIX.close(wakeUp.write)
  }

  func start() {
    isRunning = true
    SystemThread.start { [self] in
      run()
      condition.withLock { isRunning = false }
      condition.broadcast()
    }
  }

  /// Ends all connections; returns when no thread is left.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopping = true
    wake()
    while isRunning { condition.wait() }
  }

  private func wake() {
    var byte: UInt8 = 0
    withUnsafeBytes(of: &byte) { _ = POSIX.write(wakeUp.write, $0) }
  }

  private func run() {
    let pool = WorkerPool { [self] connection in
      condition.lock()
      defer { condition.unlock() }
      if returned.isEmpty { wake() }
      returned.append(connection)
    }
    entries = [wakeUp.read, listener.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while takeBack() {
      while keptCount > Self.memoryLimit, evict(1, where: { [limit] in $0.keptCount > Self.memoryLimit / limit / 2 }) {}
      pool.add(waitForEvents())
    }
    waiting = []
    pool.stop()
    returned = []
  }

  /// - Returns: false when everything has to end.
  private func takeBack() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    for connection in returned {
      // One that is over is closed by nobody's having it any more.
      if connection.pause == nil { count -= 1 } else { add(connection) }
    }
    returned = []
    return !isStopping
  }

  private func add(_ connection: ServerConnection) {
    let events = connection.pause == .space ? POLLOUT : POLLIN
    let descriptor = connection.pause == .lock ? -1 : connection.socket.descriptor
    entries.append(pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0))
    waiting.append(connection)
    keptCount += connection.keptCount
    due = min(due, connection.due)
  }

  private func take(_ index: Int) -> ServerConnection {
    waiting.swapAt(index, waiting.count - 1)
    entries.swapAt(index + 2, entries.count - 1)
    entries.removeLast()
    let connection = waiting.removeLast()
    keptCount -= connection.keptCount
    return connection
  }

  /// Waits until something happens, and accepts new connections.
  /// - Returns: the connections that can continue, or that waited too long.
  private func waitForEvents() -> [ServerConnection] {
    // With all connections in workers' hands, a new one would have to wait anyway.
    entries[1].fd = count < limit || !waiting.isEmpty ? listener.descriptor : -1
    var now = MonotonicClock.nanoseconds
    let timeout = waiting.isEmpty ? -1 : due > now ? Int64(clamping: (due - now) / 1_000_000 + 1) : 0
    guard poll(&entries, nfds_t(entries.count), CInt(clamping: timeout)) >= 0 else { return [] }
    now = MonotonicClock.nanoseconds
    if entries[0].revents != 0 {
      var bytes: (UInt64, UInt64) = (0, 0)
      withUnsafeMutableBytes(of: &bytes) { _ = POSIX.read(wakeUp.read, $0) }
    }
    let hasNew = entries[1].revents != 0
    var ready = entries.withUnsafeBufferPointer { entries in
      waiting.indices.filter { entries[$0 + 2].revents != 0 }
    }
    if now >= due {
      ready = waiting.indices.filter { entries[$0 + 2].revents != 0 || waiting[$0].due <= now }
      due = .max
      for connection in waiting where connection.due > now { due = min(due, connection.due) }
    }
    // From the end, since the last one takes the place of one that is taken.
    let taken = ready.reversed().map { take($0) }
    for connection in taken { connection.isLate = connection.deadline <= now }
    if hasNew { accept() }
    return taken.reversed()
  }

  private func accept() {
    for _ in 0..<64 {
      guard count < limit || !waiting.isEmpty else { return }
      let descriptor = listener.accept()
      guard descriptor >= 0 else {
        // Out of descriptors: another connection has to give one back.
        if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno), !evict(1) { usleep(10_000) }
        return
      }
      if count >= limit { _ = evict(limit / 32 + 1) }
      count += 1
      add(connection(Socket(descriptor)))
    }
  }

  /// Closes the connections that have waited longest. It looks at all of them, so that it should not be for one at a time.
  /// - Returns: false when no connection is waiting.
  private func evict(_ number: Int, where isCandidate: (ServerConnection) -> Bool = { _ in true }) -> Bool {
    func goesFirst(_ one: ServerConnection, _ other: ServerConnection) -> Bool {
      one.hasBeenServed == other.hasBeenServed ? one.touched < other.touched : other.hasBeenServed
    }
    let candidates: [Int] = waiting.indices.filter { isCandidate(waiting[$0]) }
    let oldest = candidates.sorted { goesFirst(waiting[$0], waiting[$1]) }.prefix(number)
    for index in oldest.sorted(by: >) { _ = take(index) }
    count -= oldest.count
    return !oldest.isEmpty
  }
}
