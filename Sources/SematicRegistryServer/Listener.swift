import SematicSystem

/// A bound address that accepts connections, without waiting for them.
final class Listener: Sendable {
  let descriptor: CInt
  let port: UInt16
  /// Whether only programs of this machine can connect.
  let isLoopback: Bool

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
    Socket.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1024) == 0,
      let bound = Self.bound(descriptor)
    else {
      let code = errno
      POSIX.close(descriptor)
      throw code == EADDRINUSE ? .addressInUse(host: host, port: port) : unusable(POSIX.message(code))
    }
    self.descriptor = descriptor
    (self.port, isLoopback) = bound
  }

  private static func bound(_ descriptor: CInt) -> (port: UInt16, isLoopback: Bool)? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    guard status == 0 else { return nil }
    return withUnsafeBytes(of: storage) { bytes in
      if storage.ss_family == sa_family_t(AF_INET6) {
        let address = bytes.loadUnaligned(as: sockaddr_in6.self)
        let host = withUnsafeBytes(of: address.sin6_addr) { Array($0) }
        let mapped = Array(repeating: UInt8(0), count: 10) + [0xFF, 0xFF, 127]
        return (
          UInt16(bigEndian: address.sin6_port),
          host == Array(repeating: 0, count: 15) + [1] || host.starts(with: mapped)
        )
      }
      let address = bytes.loadUnaligned(as: sockaddr_in.self)
      return (UInt16(bigEndian: address.sin_port), UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127)
    }
  }

  /// The next connection; negative, with `errno`, when there is none.
  func accept() -> CInt {
    while true {
      let connection = POSIX.accept(descriptor)
      if connection >= 0 || errno != EINTR && errno != ECONNABORTED { return connection }
    }
  }

  func close() { POSIX.close(descriptor) }
}
