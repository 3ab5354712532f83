import SematicSystem

/// The end of what can be done with a connection.
enum SocketError: Error {
  /// The other side went away, or this side was told to stop.
  case closed
  case timedOut
}

/// A connected TCP socket; every call blocks, but none for longer than the time-out.
final class Socket: Sendable {
  private let descriptor: CInt

  init(_ descriptor: CInt, timeout: Int) {
    self.descriptor = descriptor
    var limit = timeval()
    limit.tv_sec = timeout
    Self.set(descriptor, SOL_SOCKET, SO_RCVTIMEO, limit)
    Self.set(descriptor, SOL_SOCKET, SO_SNDTIMEO, limit)
    // Answers are written as a whole: nothing is won by waiting for more.
    Self.set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, CInt(1))
  }

  static func set<Value>(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: Value) {
    withUnsafeBytes(of: value) {
      _ = setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count))
    }
  }

  /// Waits for bytes; false when none came in time.
  func waitForBytes(milliseconds: Int) throws(SocketError) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&entry, 1, CInt(clamping: milliseconds))
    if count < 0 && errno != EINTR { throw .closed }
    return count > 0
  }

  /// At least one byte.
  func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int {
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 { return count }
      if count == 0 { throw .closed }
      if errno == EINTR { continue }
      throw errno == EAGAIN || errno == EWOULDBLOCK ? .timedOut : .closed
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer) throws(SocketError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = POSIX.send(descriptor, rest)
      if count < 0 {
        if errno == EINTR { continue }
        throw errno == EAGAIN || errno == EWOULDBLOCK ? .timedOut : .closed
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Says that nothing more will be sent, so that the other side reads the answer to its end.
  func finishSending() { _ = shutdown(descriptor, CInt(SHUT_WR)) }

  /// Ends every call that is under way, from any thread.
  func interrupt() { _ = shutdown(descriptor, CInt(SHUT_RDWR)) }

  func close() {
    _ = POSIX.close(descriptor)
  }
}
