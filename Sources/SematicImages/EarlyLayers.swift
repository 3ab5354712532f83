import SematicOCI
import SematicSystem

/// Sends layers while others are still being built: one at a time, each once its digest is known, and where the
/// destination takes that, while it is being built itself.
///
/// `publish` takes over what has not begun, and waits for what has. An error is thrown there, where the layer is needed.
package final class EarlyLayers: @unchecked Sendable {  // the condition guards the variables
  private enum State {
    case waiting
    case running
    case done(Result<BlobOutcome, any Error>)
  }

  private enum Item {
    case whole(BlobTask)
    case growing(GrowingBlob)
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
  /// What waits, the first one first.
  private var queue: ArraySlice<Item> = []
  private var stream: Stream?
  private var isRunning = false

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
        return isFirst(.whole(task))
      }
      states[digest] = .running
      stream?.task = task
      return false
    }
    if starts { SystemThread.start { self.work() } }
  }

  private func follow(_ blob: GrowingBlob) {
    let starts = condition.withLock { stop.error == nil && isFirst(.growing(blob)) }
    if starts { SystemThread.start { self.work() } }
  }

  /// Appends to the queue, under the lock.
  /// - Returns: whether nobody works on it.
  private func isFirst(_ item: Item) -> Bool {
    queue.append(item)
    defer { isRunning = true }
    return !isRunning
  }

  /// Ends all transfers, and waits for that.
  package func end() {
    stop.raise(StopSignal.Stopped())
    condition.withLock {
      stream?.blob.abandon()
      while isRunning { condition.wait() }
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

  private func work() {
    while let item = next() {
      switch item {
      case .whole(let task): finish(task) { try task.run(to: destination, [], log: log, stop: stop) }
      case .growing(let blob): send(blob)
      }
    }
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

  private func next() -> Item? {
    condition.withLock {
      while stop.error == nil, let item = queue.popFirst() {
        switch item {
        case .growing(let blob) where blob.isGrowing: stream = Stream(blob: blob)
        case .whole(let task):
          guard case .waiting = states[task.descriptor.digest] else { continue }
          states[task.descriptor.digest] = .running
        case .growing: continue
        }
        return item
      }
      isRunning = false
      condition.broadcast()
      return nil
    }
  }
}
