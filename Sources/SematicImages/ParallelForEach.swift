import Dispatch
import SematicSystem

/// The signal that one of several threads failed.
package final class StopSignal: @unchecked Sendable {  // the lock guards the error
  struct Stopped: Error {}

  private let lock = Lock()
  private var failure: (any Error)?

  /// The first error.
  var error: (any Error)? { lock.withLock { failure } }

  func raise(_ error: any Error) {
    lock.withLock { if failure == nil { failure = error } }
  }

  /// - Throws: `Stopped` after an error.
  package func check() throws {
    if error != nil { throw Stopped() }
  }
}

/// Calls `body` with each element on a few threads, and waits for all.
///
/// After an error, no further element is started, and the first error is thrown.
package func forEachInParallel<Element: Sendable>(
  _ elements: [Element], threads: Int, _ body: @escaping @Sendable (Element, StopSignal) throws -> Void
) throws {
  let stop = StopSignal()
  let queue = ElementQueue(elements)
  let work: @Sendable () -> Void = {
    while stop.error == nil, let element = queue.next() {
      do { try body(element, stop) } catch { stop.raise(error) }
    }
  }
  let group = DispatchGroup()
  // This thread is one of them.
  for _ in 0..<max(0, min(threads, elements.count) - 1) {
    group.enter()
    SystemThread.start {
      work()
      group.leave()
    }
  }
  work()
  group.wait()
  if let error = stop.error { throw error }
}

private final class ElementQueue<Element: Sendable>: @unchecked Sendable {  // the lock guards the rest
  private let lock = Lock()
  private var rest: ArraySlice<Element>

  init(_ elements: [Element]) { rest = elements[...] }

  func next() -> Element? { lock.withLock { rest.popFirst() } }
}
