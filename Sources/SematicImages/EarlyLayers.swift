import SematicOCI
import SematicSystem

/// Sends layers while others are still being built: one at a time, each once its digest is known.
///
/// `publish` takes over what has not begun, and waits for what has. An error is thrown there, where the layer is needed.
package final class EarlyLayers: @unchecked Sendable {  // the condition guards the variables
  private enum State {
    case waiting(BlobTask)
    case running
    case done(Result<BlobOutcome, any Error>)
  }

  let log: PublishLog
  private let destination: any ImageDestination
  let stop = StopSignal()
  private let condition = Condition()
  private var states: [Digest: State] = [:]
  /// The layers that wait, the first one first.
  private var queue: ArraySlice<Digest> = []
  private var isRunning = false

  /// - Parameter progress: called from several threads, one call at a time.
  package init(to destination: any ImageDestination, progress: @escaping @Sendable (PublishProgress) -> Void) {
    self.destination = destination
    log = PublishLog(progress)
  }

  /// Hands over a layer that was built, and returns at once.
  package func send(_ layer: Layer) {
    guard case .file(let path) = layer.content else { return }
    let task = BlobTask(kind: .layer, descriptor: layer.descriptor, content: .file(path))
    let starts = condition.withLock { () -> Bool in
      guard states[task.descriptor.digest] == nil, stop.error == nil else { return false }
      states[task.descriptor.digest] = .waiting(task)
      queue.append(task.descriptor.digest)
      defer { isRunning = true }
      return !isRunning
    }
    if starts { SystemThread.start { self.work() } }
  }

  /// Ends all transfers, and waits for that.
  package func end() {
    stop.raise(StopSignal.Stopped())
    condition.withLock { while isRunning { condition.wait() } }
  }

  /// The outcome for a layer that was begun; nil for any other one, and the next time. Waits for its end.
  /// - Throws: the error of its transfer.
  func take(_ descriptor: Descriptor) throws -> BlobOutcome? {
    let result = condition.withLock { () -> Result<BlobOutcome, any Error>? in
      while true {
        switch states[descriptor.digest] {
        case .running: condition.wait()
        case .done(let result):
          states[descriptor.digest] = nil
          return result
        case nil, .waiting:
          states[descriptor.digest] = nil
          return nil
        }
      }
    }
    return try result?.get()
  }

  private func work() {
    while let task = next() {
      let result = Result { try task.run(to: destination, [], log: log, stop: stop) }
      // What failed once would fail for the others, after as many tries.
      if case .failure(let error) = result { stop.raise(error) }
      condition.withLock {
        states[task.descriptor.digest] = .done(result)
        condition.broadcast()
      }
    }
  }

  private func next() -> BlobTask? {
    condition.withLock {
      while stop.error == nil, let digest = queue.popFirst() {
        guard case .waiting(let task) = states[digest] else { continue }
        states[digest] = .running
        return task
      }
      isRunning = false
      condition.broadcast()
      return nil
    }
  }
}
