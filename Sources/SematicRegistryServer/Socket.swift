import SematicSystem

/// The end of a connection: the client went away, or the server stops.
struct ConnectionClosed: Error {}

/// A connected TCP socket. No call blocks but `isReady`, for as long as it is told.
final class Socket: Sendable {
  let descriptor: CInt

  init(_ descriptor: CInt) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    // Responses are written as a whole: there is nothing to wait for.
    Self.set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    // The system would keep megabytes for each client that does not read.
    Self.set(descriptor, SOL_SOCKET, SO_SNDBUF, 512 << 10)
  }

  deinit { POSIX.close(descriptor) }

  static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }

  /// Receives at least one byte; nil when there is none yet.
  func receive(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionClosed) -> Int? {
    try transferred { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
  }

  /// Sends at least one byte; nil when there is no room yet.
  func send(_ bytes: UnsafeRawBufferPointer) throws(ConnectionClosed) -> Int? {
    try transferred { POSIX.send(descriptor, bytes) }
  }

  private func transferred(_ call: () -> Int) throws(ConnectionClosed) -> Int? {
    while true {
      let count = call()
      if count > 0 { return count }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return nil }
      throw ConnectionClosed()
    }
  }

  /// - Parameter event: `POLLIN` or `POLLOUT`.
  func isReady(for event: Int32, within milliseconds: CInt) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: event), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Ends a wait for the client, from any thread.
  func interrupt() { _ = shutdown(descriptor, CInt(SHUT_RDWR)) }

  /// Tells the client that the response is complete, while its request may still be arriving.
  func finishSending() { _ = shutdown(descriptor, CInt(SHUT_WR)) }
}
