import SematicSystem

/// A buffer between a thread that reads and one that sends.
///
/// The last byte is held back until the writer reports success: an upload of bytes that turn out to be wrong must not be
/// completed.
final class BlobPipe: @unchecked Sendable {  // all state is guarded by the condition
  /// The error of `write` when nobody reads any more.
  struct Closed: Error {}

  private enum State {
    case open
    case finished
    case failed(any Error)
  }

  private let condition = Condition()
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var count = 0
  private var state = State.open
  private var closed = false

  init(capacity: Int = 1 << 20) {
    buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// Writes all bytes, and waits for room.
  /// - Throws: `Closed`.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    condition.lock()
    defer { condition.unlock() }
    while !rest.isEmpty {
      while count == buffer.count && !closed { condition.wait() }
      if closed { throw Closed() }
      let end = (start + count) % buffer.count
      let part = min(rest.count, buffer.count - count, buffer.count - end)
      if let target = buffer.baseAddress, let source = rest.baseAddress { memcpy(target + end, source, part) }
      count += part
      rest = UnsafeRawBufferPointer(rebasing: rest[part...])
      condition.signal()
    }
  }

  /// Ends the writing, with an error or successfully.
  func finish(_ error: (any Error)? = nil) {
    condition.lock()
    state = error.map(State.failed) ?? .finished
    condition.broadcast()
    condition.unlock()
  }

  /// Reads as many bytes as there are, and waits for the first one; 0 at the end.
  /// - Throws: the error that `finish` was called with.
  func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
    condition.lock()
    defer { condition.unlock() }
    while true {
      let available: Int
      switch state {
      case .failed(let error): throw error
      case .finished where count == 0: return 0
      case .finished: available = count
      case .open: available = count - 1
      }
      guard available > 0 else {
        condition.wait()
        continue
      }
      let part = min(room.count, available, buffer.count - start)
      if let target = room.baseAddress, let source = buffer.baseAddress { memcpy(target, source + start, part) }
      start = (start + part) % buffer.count
      count -= part
      condition.signal()
      return part
    }
  }

  /// Ends the reading: writing fails with `Closed`.
  func close() {
    condition.lock()
    closed = true
    condition.broadcast()
    condition.unlock()
  }

  var isClosed: Bool {
    condition.lock()
    defer { condition.unlock() }
    return closed
  }

  /// Waits for `finish`.
  /// - Returns: the error that it was called with.
  func wait() -> (any Error)? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      switch state {
      case .open: condition.wait()
      case .finished: return nil
      case .failed(let error): return error
      }
    }
  }
}
