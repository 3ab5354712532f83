/// A thread of the system, for work that blocks.
package enum SystemThread {
  /// - Parameter stackSize: in bytes; nil for the system's default.
  package static func start(stackSize: Int? = nil, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    if let stackSize { pthread_attr_setstacksize(&attributes, stackSize) }
    // Out of threads: late is better than never.
    if !create(&attributes, Work(body)) { body() }
  }

  private static func create(_ attributes: inout pthread_attr_t, _ work: Work) -> Bool {
    let retained = Unmanaged.passRetained(work)
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let code = pthread_create(&thread, &attributes, { SystemThread.run($0) }, retained.toOpaque())
    if code != 0 { retained.release() }
    return code == 0
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static func run(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
    return nil
  }
}

/// Time that only moves forward.
package enum MonotonicClock {
  /// Since an unspecified start, in nanoseconds.
  package static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
  }

  /// - Parameter seconds: none or a negative number do not wait.
  package static func sleep(seconds: Double) {
    guard seconds > 0 else { return }
    let end = nanoseconds &+ UInt64(min(seconds, 86_400 * 365) * 1e9)
    while case let now = nanoseconds, now < end {
      let rest = end - now
      var pause = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
      nanosleep(&pause, nil)
    }
  }
}
