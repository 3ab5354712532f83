import SematicOCI
import SematicSystem

/// Sends layers while others are still being built: each once its digest is known, one at a time, and beside them, where
/// the destination takes that, one while it is being built itself.
///
/// `publish` takes over what has not begun, and waits for what has. An error is thrown there, where the layer is needed.
package final class EarlyLayers: @unchecked Sendable {  // the condition guards the variables
  private enum State {
    case waiting
    case running
    case done(Result<BlobOutcome, any Error>)
  }

  /// What waits for one thread, the first one first.
  private struct Queue<Item> {
    var waiting: ArraySlice<Item> = []
    var isServed = false

    /// - Returns: whether a thread has to be started for it.
    mutating func append(_ item: Item) -> Bool {
      waiting.append(item)
      defer { isServed = true }
      return !isServed
    }
  }

  /// A layer that is sent while it is built; it has a task once its digest is known.
  private struct Stream {
    let blob: GrowingBlob
    var task: BlobTask?
  }

  /// The least bytes of a layer's files: less is built in the time that the requests take.
  private static let smallestStream: Int64 = 16 << 20

  let log: PublishLog
  private let destination: any ImageDestination
  private let streams: Bool
  let stop = StopSignal()
  private let condition = Condition()
  private var states: [Digest: State] = [:]
  private var tasks = Queue<BlobTask>()
  private var blobs = Queue<GrowingBlob>()
  private var stream: Stream?

  /// - Parameters:
  ///   - streams: whether layers may be sent before they are whole.
  ///   - progress: called from several threads, one call at a time.
  package init(
    to destination: any ImageDestination, streams: Bool = false,
    progress: @escaping @Sendable (PublishProgress) -> Void
  ) {
    self.destination = destination
    self.streams = streams
    log = PublishLog(progress)
  }

  /// What follows the building of a layer, so that its bytes are sent meanwhile; nil where that is of no use.
  /// - Parameter size: the bytes of the layer's files.
  package func blob(of size: Int64) -> GrowingBlob? {
    guard streams, size >= Self.smallestStream else { return nil }
    return GrowingBlob { [weak self] in self?.follow($0) }
  }

  /// Hands over a layer that was built, and returns at once.
  /// - Parameter blob: what has followed its building.
  package func send(_ layer: Layer, as blob: GrowingBlob? = nil) {
    guard case .file(let path) = layer.content else { return }
    let task = BlobTask(kind: .layer, descriptor: layer.descriptor, content: .file(path))
    let digest = task.descriptor.digest
    let starts = condition.withLock { () -> Bool in
      guard states[digest] == nil, stop.error == nil else {
        blob?.abandon()
        return false
      }
      defer { blob?.finish(layer.descriptor) }
      guard let blob, stream?.blob === blob else {
        states[digest] = .waiting
        return tasks.append(task)
      }
      states[digest] = .running
      stream?.task = task
      return false
    }
    guard starts else { return }
    SystemThread.start {
      while let task = self.nextTask() {
        self.finish(task) { try task.run(to: self.destination, [], log: self.log, stop: self.stop) }
      }
    }
  }

  private func follow(_ blob: GrowingBlob) {
    guard condition.withLock({ stop.error == nil && blobs.append(blob) }) else { return }
    SystemThread.start {
      while let blob = self.nextBlob() { self.send(blob) }
    }
  }

  /// Ends all transfers, and waits for that.
  package func end() {
    stop.raise(StopSignal.Stopped())
    condition.withLock {
      stream?.blob.abandon()
      while tasks.isServed || blobs.isServed { condition.wait() }
    }
  }

  /// Gives up sending the layer that is being built, and waits until nothing is left of it.
  package func abandon() {
    condition.withLock {
      stream?.blob.abandon()
      while stream?.blob.isAbandoned == true { condition.wait() }
    }
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

  private func finish(_ task: BlobTask, _ body: () throws -> BlobOutcome) {
    let result = Result { try body() }
    // What failed once would fail for the others, after as many tries.
    if case .failure(let error) = result { stop.raise(error) }
    condition.withLock {
      states[task.descriptor.digest] = .done(result)
      condition.broadcast()
    }
  }

  /// It is a head start and no more: whatever fails in it, the layer is sent as any other one.
  private func send(_ blob: GrowingBlob) {
    var sent: Int64 = 0
    var told: Int64 = 0
    let isThere = destination.stream(blob) { count in
      try stop.check()
      sent &+= count
      guard let descriptor = blob.descriptor else { return }
      if told == 0 { log.began(descriptor) }
      log.moved(descriptor, sent &- told)
      told = sent
    }
    let task = condition.withLock { () -> BlobTask? in
      defer {
        stream = nil
        condition.broadcast()
      }
      return stream?.task
    }
    guard let task else { return }
    finish(task) {
      isThere
        ? try task.write(to: destination, log: log, stop: stop, told: told)
        : try task.run(to: destination, [], log: log, stop: stop, told: told)
    }
  }

  private func nextTask() -> BlobTask? {
    condition.withLock {
      while stop.error == nil, let task = tasks.waiting.popFirst() {
        guard case .waiting = states[task.descriptor.digest] else { continue }
        states[task.descriptor.digest] = .running
        return task
      }
      tasks.isServed = false
      condition.broadcast()
      return nil
    }
  }

  private func nextBlob() -> GrowingBlob? {
    condition.withLock {
      while stop.error == nil, let blob = blobs.waiting.popFirst() {
        guard blob.isGrowing else { continue }
        stream = Stream(blob: blob)
        return blob
      }
      blobs.isServed = false
      condition.broadcast()
      return nil
    }
  }
}
