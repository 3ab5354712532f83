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
    cOpen(path, flags, mode)
  }

  package static func read(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    cRead(descriptor, buffer.baseAddress, buffer.count)
  }

  package static func write(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    cWrite(descriptor, buffer.baseAddress, buffer.count)
  }

  /// Writes all of the bytes; false, with `errno`, when that fails.
  package static func writeAll(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = write(descriptor, rest)
      if count < 0, errno != EINTR { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest[max(0, count)...])
    }
    return true
  }

  /// Writes to a socket; a peer that is gone is an error, and no SIGPIPE.
  package static func send(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    cSend(descriptor, buffer.baseAddress, buffer.count, withoutSignal)
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
    let connection = cAccept(descriptor)
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
    cClose(descriptor)
  }

  package static func link(_ path: String, _ destination: String) -> CInt {
    cLink(path, destination)
  }

  package static func exit(_ status: CInt) -> Never {
    cExit(status)
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

// Inside POSIX the C library's names would mean its own methods.
private func cOpen(_ path: String, _ flags: CInt, _ mode: mode_t) -> CInt { open(path, flags, mode) }
private func cRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
private func cWrite(_ descriptor: CInt, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}
private func cSend(_ descriptor: CInt, _ buffer: UnsafeRawPointer?, _ count: Int, _ flags: CInt) -> Int {
  send(descriptor, buffer, count, flags)
}
private func cAccept(_ descriptor: CInt) -> CInt { accept(descriptor, nil, nil) }
private func cClose(_ descriptor: CInt) -> CInt { close(descriptor) }
private func cLink(_ path: String, _ destination: String) -> CInt { link(path, destination) }
private func cExit(_ status: CInt) -> Never { exit(status) }

#if canImport(Darwin)
  // Sockets have SO_NOSIGPIPE there.
  private let withoutSignal: CInt = 0
#else
  private let withoutSignal = CInt(MSG_NOSIGNAL)
#endif
