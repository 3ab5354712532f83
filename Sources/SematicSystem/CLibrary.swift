// The one file that knows what this platform's C library is called: who imports this module has it.
#if canImport(Darwin)
  @_exported import Darwin
  import MachO
#elseif canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#endif

/// Calls of the C library for places that have a method of the same name.
package enum POSIX {
  package static func open(_ path: String, _ flags: CInt, mode: mode_t = 0) -> CInt {
    #if canImport(Darwin)
      Darwin.open(path, flags, mode)
    #elseif canImport(Glibc)
      Glibc.open(path, flags, mode)
    #elseif canImport(Musl)
      Musl.open(path, flags, mode)
    #endif
  }

  package static func read(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Glibc)
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  package static func write(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.write(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Glibc)
      Glibc.write(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  /// Writes to a socket; a peer that is gone is an error, and no SIGPIPE.
  package static func send(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      // Sockets have SO_NOSIGPIPE there.
      Darwin.send(descriptor, buffer.baseAddress, buffer.count, 0)
    #elseif canImport(Glibc)
      Glibc.send(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
    #elseif canImport(Musl)
      Musl.send(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
    #endif
  }

  /// A stream socket that no child process inherits; negative when there is none.
  package static func streamSocket(family: CInt) -> CInt {
    #if canImport(Darwin)
      let descriptor = socket(family, SOCK_STREAM, 0)
    #elseif canImport(Glibc)
      let descriptor = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    #elseif canImport(Musl)
      let descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)
    #endif
    return descriptor >= 0 ? prepared(descriptor) : descriptor
  }

  /// The next connection of a listening socket, which no child process inherits; negative when there is none.
  package static func accept(_ descriptor: CInt) -> CInt {
    #if canImport(Darwin)
      let connection = Darwin.accept(descriptor, nil, nil)
    #elseif canImport(Glibc)
      let connection = Glibc.accept(descriptor, nil, nil)
    #elseif canImport(Musl)
      let connection = Musl.accept(descriptor, nil, nil)
    #endif
    return connection >= 0 ? prepared(connection) : connection
  }

  private static func prepared(_ socket: CInt) -> CInt {
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    #if canImport(Darwin)
      // Elsewhere `send` has a flag for it.
      var on: CInt = 1
      setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
    #endif
    return socket
  }

  /// How many files and sockets this process may have open.
  package static var descriptorLimit: Int {
    var limits = rlimit()
    guard getrlimit(openFiles, &limits) == 0 else { return 256 }
    return Int(clamping: limits.rlim_cur)
  }

  /// Raises the limit of open files and sockets as far as the system lets this process; its children inherit it.
  package static func raiseDescriptorLimit(to count: Int) {
    var limits = rlimit()
    guard getrlimit(openFiles, &limits) == 0, limits.rlim_cur < rlim_t(clamping: count) else { return }
    limits.rlim_cur = min(limits.rlim_max, rlim_t(clamping: count))
    _ = setrlimit(openFiles, &limits)
  }

  #if canImport(Glibc)
    private static let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let openFiles = RLIMIT_NOFILE
  #endif

  @discardableResult
  package static func close(_ descriptor: CInt) -> CInt {
    #if canImport(Darwin)
      Darwin.close(descriptor)
    #elseif canImport(Glibc)
      Glibc.close(descriptor)
    #elseif canImport(Musl)
      Musl.close(descriptor)
    #endif
  }

  package static func link(_ path: String, _ destination: String) -> CInt {
    #if canImport(Darwin)
      Darwin.link(path, destination)
    #elseif canImport(Glibc)
      Glibc.link(path, destination)
    #elseif canImport(Musl)
      Musl.link(path, destination)
    #endif
  }

  package static func exit(_ status: CInt) -> Never {
    #if canImport(Darwin)
      Darwin.exit(status)
    #elseif canImport(Glibc)
      Glibc.exit(status)
    #elseif canImport(Musl)
      Musl.exit(status)
    #endif
  }

  /// The path of this process's program, with links resolved; nil where the system does not say.
  package static var executablePath: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    #if canImport(Darwin)
      var size = UInt32(buffer.count)
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      let path = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
      let path = "/proc/self/exe"
    #endif
    guard realpath(path, &buffer) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The system's sentence for an `errno`.
  package static func message(_ code: CInt) -> String { String(cString: strerror(code)) }
}
