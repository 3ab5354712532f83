import SematicSystem

/// A bound address that waits for connections.
final class Listener: @unchecked Sendable {  // nothing changes after init but in `close`, which comes last
  let port: UInt16
  private let descriptor: CInt
  /// A byte in this pipe ends `accept`.
  private let alarm: (read: CInt, write: CInt)

  /// - Throws: `RegistryServerError`.
  init(host: String, port: UInt16) throws(RegistryServerError) {
    func unusable(_ reason: String) -> RegistryServerError {
      .unusableAddress(host: host, port: port, reason: reason)
    }
    var hints = addrinfo()
    hints.ai_flags = CInt(AI_PASSIVE)
    hints.ai_protocol = CInt(IPPROTO_TCP)
    var found: UnsafeMutablePointer<addrinfo>?
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    let status = getaddrinfo(bare, String(port), &hints, &found)
    guard status == 0, let address = found?.pointee else { throw unusable(String(cString: gai_strerror(status))) }
    defer { freeaddrinfo(found) }

    let descriptor = POSIX.streamSocket(family: address.ai_family)
    guard descriptor >= 0 else { throw unusable(POSIX.message(errno)) }
    Socket.set(descriptor, SOL_SOCKET, SO_REUSEADDR, CInt(1))
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 128) == 0 else {
      let code = errno
      Self.close(descriptor)
      throw code == EADDRINUSE ? .addressInUse(host: host, port: port) : unusable(POSIX.message(code))
    }
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0, let assigned = Self.port(of: descriptor) else {
      let code = errno
      Self.close(descriptor)
      throw unusable(POSIX.message(code))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // A connection that is gone before it was accepted must not block `accept`.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    self.descriptor = descriptor
    self.alarm = (ends[0], ends[1])
    self.port = assigned
  }

  private static func port(of descriptor: CInt) -> UInt16? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        ? pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          // The port has the same place in sockaddr_in and sockaddr_in6.
          UInt16(bigEndian: $0.pointee.sin_port)
        } : nil
    }
  }

  /// The next connection; nil after `stop`.
  func accept() -> CInt? {
    while true {
      var entries = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: alarm.read, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&entries, 2, -1) > 0 else { continue }
      if entries[1].revents != 0 { return nil }
      let connection = POSIX.accept(descriptor)
      if connection >= 0 {
        // Darwin's connections inherit it from their listener.
        _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) & ~O_NONBLOCK)
        return connection
      }
      // Out of descriptors: the connections that are being served will give some back.
      if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS { usleep(10_000) }
    }
  }

  /// Ends `accept`, from any thread.
  func stop() {
    var byte: UInt8 = 0
    _ = write(alarm.write, &byte, 1)
  }

  /// When no thread is in `accept` any more.
  func close() {
    for end in [descriptor, alarm.read, alarm.write] { Self.close(end) }
  }

  private static func close(_ descriptor: CInt) {
    _ = POSIX.close(descriptor)
  }
}
