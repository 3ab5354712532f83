#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The threads for requests, files and large values.
///
/// Swift has as many threads for tasks as the processor has cores, and all tasks of the program share them: whoever waits
/// or computes for long on one of them holds up the user's tasks.
final class BlockingWork: Sendable {
  static let shared = BlockingWork(limit: 32)

  /// Whether the task that waits for the work was canceled.
  typealias Cancellation = Locked<Bool>

  private struct Queue {
    var jobs: [@Sendable () -> Void] = []
    /// The first job that no thread has taken yet.
    var next = 0
    var threads = 0

    mutating func take() -> (@Sendable () -> Void)? {
      guard next < jobs.count else { return nil }
      let job = jobs[next]
      next += 1
      if next == jobs.count { (jobs, next) = ([], 0) }
      return job
    }
  }

  private let limit: Int
  private let queue = Locked(Queue())

  /// - Parameter limit: the largest number of threads. They end when there is nothing left to do.
  init(limit: Int) { self.limit = limit }

  /// The result of the work, which runs on a thread of its own.
  ///
  /// - Throws: what the work throws; `CancellationError` where the task was canceled before the work began.
  func run<Result: Sendable>(_ work: @escaping @Sendable (Cancellation) throws -> Result) async throws -> Result {
    let cancellation = Cancellation(false)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        submit {
          if cancellation.withLock({ $0 }) { return continuation.resume(throwing: CancellationError()) }
          continuation.resume(with: Swift.Result { try work(cancellation) })
        }
      }
    } onCancel: {
      cancellation.withLock { $0 = true }
    }
  }

  private func submit(_ job: @escaping @Sendable () -> Void) {
    let needsThread = queue.withLock { queue in
      queue.jobs.append(job)
      guard queue.threads < limit else { return false }
      queue.threads += 1
      return true
    }
    guard needsThread, !startThread() else { return }
    // Without a thread of its own the work must still be done.
    work()
  }

  private func work() {
    while true {
      let job = queue.withLock { queue in
        let job = queue.take()
        if job == nil { queue.threads -= 1 }
        return job
      }
      guard let job else { return }
      job()
    }
  }

  private func startThread() -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    // Values can be nested, and musl gives a thread 128 kB.
    pthread_attr_setstacksize(&attributes, 8 << 20)
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let context = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, &attributes,
      { context in
        let context: UnsafeMutableRawPointer? = context
        if let context { Unmanaged<BlockingWork>.fromOpaque(context).takeRetainedValue().work() }
        return nil
      }, context.toOpaque())
    if code != 0 { context.release() }
    return code == 0
  }
}

/// Runs work that has to be done though the task was canceled: what a run ended with is saved, for example.
func uncanceled<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
  try await Task { try await work() }.value
}
