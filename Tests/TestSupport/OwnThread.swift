import Dispatch
import Testing

/// Runs a suite on a thread of its own.
///
/// Swift has as many threads for tasks as the processor has cores, and all tests share them. A test that waits for another
/// program keeps one of them, and between two tests of a serialized suite come all others that are ready. A suite that
/// takes minutes, most of them in other programs, begins at once on its own thread, and holds up nobody.
package struct OwnThread: SuiteTrait, TestScoping {
  package var isRecursive: Bool { false }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard #available(macOS 15, *) else { return try await function() }
    // The tests are child tasks of this one, which stay on its executor.
    try await withTaskExecutorPreference(ThreadExecutor(test.name)) { try await function() }
  }

  @available(macOS 15, *)
  private final class ThreadExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(_ name: String) { queue = DispatchQueue(label: name) }

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }
}

extension Trait where Self == OwnThread {
  /// For suites whose tests wait for other programs, for minutes.
  package static var ownThread: Self { Self() }
}
