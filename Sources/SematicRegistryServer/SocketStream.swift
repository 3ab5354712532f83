import SematicSystem

/// The reason why a request cannot continue now; its handler is called again later, from its beginning.
enum Pause: Error {
  /// The client has to send more.
  case bytes
  /// The client has to receive what was sent.
  case space
  /// Another thread or process holds a lock.
  case lock
  /// Other connections are waiting for the worker.
  case turn
}

/// The received bytes that nobody has read yet: lines for heads, pieces for bodies.
///
/// They are in a worker's buffer during its turn. In between, only what is left of them is kept.
final class SocketStream {
  private let socket: Socket
  private var turn: Turn?
  private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var start = 0
  private var end = 0
  /// The bytes after `start` that are known to have no line feed.
  private var searched = 0
  private var kept: [UInt8] = []

  init(_ socket: Socket) { self.socket = socket }

  var hasBytes: Bool { end > start || !kept.isEmpty }

  /// The memory that it takes between turns.
  var keptCount: Int { kept.count }

  func begin(_ turn: Turn) {
    self.turn = turn
    buffer = turn.incoming
    buffer.copyBytes(from: kept)
    (start, end) = (0, kept.count)
    kept = []
  }

  func endTurn() {
    kept = Array(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    (start, end) = (0, 0)
    turn = nil
  }

  /// A line without its CRLF; nil when it is longer than `limit`. A lone LF does not end a line: two servers must not
  /// see different messages in the same bytes.
  /// - Throws: `InvalidRequest`, `ConnectionClosed`, `Pause`.
  func line(limit: Int) throws -> [UInt8]? {
    while true {
      if let base = buffer.baseAddress, end - start > searched,
        let found = memchr(base + start + searched, 0x0A, end - start - searched)
      {
        let count = UnsafeRawPointer(found) - UnsafeRawPointer(base + start)
        guard count <= limit else { return nil }
        guard count > 0, buffer[start + count - 1] == 0x0D else {
          throw InvalidRequest(.badRequest, "a line does not end in CRLF")
        }
        let line = Array(UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count - 1)]))
        start += count + 1
        searched = 0
        return line
      }
      searched = end - start
      if searched > limit { return nil }
      try fill()
    }
  }

  /// At least one byte and at most `limit`; they are valid until the next call.
  /// - Throws: `ConnectionClosed`, `Pause`.
  func piece(limit: Int64) throws -> UnsafeRawBufferPointer {
    if start == end { try fill() }
    let count = Int(min(Int64(end - start), limit))
    defer {
      start += count
      searched = 0
    }
    return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count)])
  }

  private func fill() throws {
    if start > 0, let base = buffer.baseAddress {
      memmove(base, base + start, end - start)
      end -= start
      start = 0
    }
    guard let turn, !turn.isOver else { throw Pause.turn }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    while true {
      if let count = try socket.receive(into: room) {
        end += count
        return
      }
      guard socket.isReady(for: Int32(POLLIN), within: turn.grace) else { throw Pause.bytes }
    }
  }
}
