/// A mutex.
package final class Lock: @unchecked Sendable {  // that is what it is for
  fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }

  package func unlock() { pthread_mutex_unlock(mutex) }

  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}

/// A lock whose holder can wait for what another thread changes.
package final class Condition: @unchecked Sendable {  // that is what it is for
  private let mutex = Lock()
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  package func lock() { mutex.lock() }

  package func unlock() { mutex.unlock() }

  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result { try mutex.withLock(body) }

  /// Gives the lock away until a signal comes; it may also return without one.
  package func wait() { pthread_cond_wait(condition, mutex.mutex) }

  package func signal() { pthread_cond_signal(condition) }

  package func broadcast() { pthread_cond_broadcast(condition) }
}
