import SematicSystem

/// The bytes of a connection in one buffer that is used again: lines for the head, whole pieces for the body.
final class SocketStream {
  private let socket: Socket
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
  private var start = 0
  private var end = 0

  init(_ socket: Socket) { self.socket = socket }

  deinit { buffer.deallocate() }

  var hasBytes: Bool { end > start }

  /// A line without its CRLF, nil when it is longer than `limit`. A lone LF does not end a line: two readers of the
  /// same bytes must not see different messages.
  /// - Parameter deadline: for the whole line, in `now`'s milliseconds; nil for the socket's own time-out a read.
  func line(limit: Int, deadline: Int64? = nil) throws -> [UInt8]? {
    var searched = 0
    while true {
      if let base = buffer.baseAddress, end - start > searched,
        let found = memchr(base + start + searched, 0x0A, end - start - searched)
      {
        let count = UnsafeRawPointer(found) - UnsafeRawPointer(base + start)
        guard count <= limit else { return nil }
        guard count > 0, buffer[start + count - 1] == 0x0D else {
          throw InvalidRequest(.badRequest, "a line does not end in CRLF")
        }
        let line = Array(buffer[start..<(start + count - 1)])
        start += count + 1
        return line
      }
      searched = end - start
      if searched > limit { return nil }
      try fill(deadline: deadline)
    }
  }

  /// The bytes that are there, at least one and at most `limit`; they are valid until the next call.
  func piece(limit: Int64) throws -> UnsafeRawBufferPointer {
    if start == end { try fill(deadline: nil) }
    let count = Int(min(Int64(end - start), limit))
    defer { start += count }
    return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count)])
  }

  private func fill(deadline: Int64?) throws {
    if start > 0, let base = buffer.baseAddress {
      memmove(base, base + start, end - start)
      end -= start
      start = 0
    }
    if let deadline {
      while case let rest = deadline - Self.now(), try !socket.waitForBytes(milliseconds: Int(max(0, rest))) {
        if rest <= 0 { throw SocketError.timedOut }
      }
    }
    end += try socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
  }

  /// Milliseconds of a clock that nobody sets.
  static func now() -> Int64 { Int64(ProcessInfo.processInfo.systemUptime * 1000) }
}
