#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A loopback port that nothing listens on. Another process can take it at any time: where a server can choose its own
/// port (`:0`), let it.
package func freePort() throws -> UInt16 {
  let socket = try ListeningSocket()
  defer { socket.close() }
  return socket.port
}

/// A TCP socket that listens on 127.0.0.1, on a port of the system's choice.
package final class ListeningSocket: Sendable {
  package struct Failure: Error { package let code: Int32 }

  package let descriptor: CInt
  package let port: UInt16

  package init() throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { throw Failure(code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = self.descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    guard result else {
      let code = errno
      _ = Self.closeDescriptor(descriptor)
      throw Failure(code: code)
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  /// The next connection; nil when the socket was closed.
  package func accept() -> CInt? {
    let connection = Self.acceptConnection(descriptor)
    guard connection >= 0 else { return nil }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    return connection
  }

  /// Ends a waiting `accept`, too.
  package func close() {
    shutdown(descriptor, CInt(SHUT_RDWR))
    _ = Self.closeDescriptor(descriptor)
  }

  #if canImport(Darwin)
    private static func closeDescriptor(_ descriptor: CInt) -> CInt { Darwin.close(descriptor) }
    private static func acceptConnection(_ descriptor: CInt) -> CInt { Darwin.accept(descriptor, nil, nil) }
  #elseif canImport(Glibc)
    private static func closeDescriptor(_ descriptor: CInt) -> CInt { Glibc.close(descriptor) }
    private static func acceptConnection(_ descriptor: CInt) -> CInt { Glibc.accept(descriptor, nil, nil) }
  #elseif canImport(Musl)
    private static func closeDescriptor(_ descriptor: CInt) -> CInt { Musl.close(descriptor) }
    private static func acceptConnection(_ descriptor: CInt) -> CInt { Musl.accept(descriptor, nil, nil) }
  #endif
}
