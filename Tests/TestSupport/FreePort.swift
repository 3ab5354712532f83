import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A loopback port that nothing listens on, for a server that cannot choose its own (`:0`), or one whose port is asked for
/// again after its end. It is below those of which the system chooses by default (from 32768 on, or 49152), so that none
/// of the many servers and connections of other tests gets it meanwhile.
package func freePort() throws -> UInt16 {
  for _ in 0..<100 {
    let port = UInt16.random(in: 20_000..<32_000)
    guard givenPorts.insert(port), let socket = try? ListeningSocket(port: port, backlog: nil) else { continue }
    socket.close()
    return port
  }
  throw ListeningSocket.Failure(code: EADDRINUSE)
}

/// A loopback port that refuses every connection until this process ends: a socket has it that never listens, so that no
/// other program can get it. Darwin lets callers of such a one wait, so that it is merely free there.
package func closedPort() throws -> UInt16 {
  #if canImport(Darwin)
    try freePort()
  #else
    try closedSocket.get().port
  #endif
}

#if !canImport(Darwin)
  private let closedSocket = Result { try ListeningSocket(backlog: nil) }
#endif
private let givenPorts = GivenPorts()

private final class GivenPorts: @unchecked Sendable {  // guarded by the lock
  private let lock = NSLock()
  private var ports: Set<UInt16> = []
  func insert(_ port: UInt16) -> Bool { lock.withLock { ports.insert(port).inserted } }
}

/// A TCP socket that listens on 127.0.0.1.
package final class ListeningSocket: Sendable {
  package struct Failure: Error { package let code: Int32 }

  package let descriptor: CInt
  package let port: UInt16

  /// - Parameters:
  ///   - port: 0 for one of the system's choice.
  ///   - backlog: how many connections may wait to be accepted; nil to have the port and not listen.
  package init(port: UInt16 = 0, backlog: CInt? = 64) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { throw Failure(code: errno) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = self.descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && (backlog.map { listen(descriptor, $0) == 0 } ?? true)
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    guard result else {
      let code = errno
      _ = Self.closeDescriptor(descriptor)
      throw Failure(code: code)
    }
    self.port = UInt16(bigEndian: address.sin_port)
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
