/// A program that this process starts.
package struct ChildProcess: Sendable {
  package enum Ending: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    /// As a shell reports it.
    package var status: Int32 {
      switch self {
      case .exited(let status): status
      case .signalled(let signal): 128 + signal
      }
    }
  }

  package let identifier: pid_t

  /// Starts a program, in a process group of its own and with the usual signals.
  /// - Parameters:
  ///   - executable: a path, or a name that is looked up on PATH.
  ///   - streams: descriptors that become the program's standard streams; all others must be closed on exec.
  /// - Throws: the system's `errno`, as a `SystemError`.
  package init(
    executable: String, arguments: [String], environment: [String: String],
    streams: (input: CInt, output: CInt, error: CInt)
  ) throws(SystemError) {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [streams.input, streams.output, streams.error].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source, CInt(target))
    }

    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: a signal of the terminal reaches the program once, from the terminal, not from us as well.
    posix_spawnattr_setpgroup(&attributes, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTTIN, SIGTTOU] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + variables).forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, executable, &actions, &attributes, &argv, &variables)
    guard code == 0 else { throw SystemError(code: code) }
    identifier = process
  }

  /// Waits for the program's end.
  package func wait() throws(SystemError) -> Ending {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 {
      if errno != EINTR { throw SystemError(code: errno) }
    }
    return Self.ending(status)
  }

  /// The program's end, if it has ended already.
  package func endingIfOver() throws(SystemError) -> Ending? {
    var status: Int32 = 0
    let ended = waitpid(identifier, &status, WNOHANG)
    if ended < 0, errno != EINTR { throw SystemError(code: errno) }
    return ended == identifier ? Self.ending(status) : nil
  }

  private static func ending(_ status: Int32) -> Ending {
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}

/// What a call of the C library says when it fails.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `errno`
  package let code: Int32

  package init(code: Int32) { self.code = code }

  package var description: String { POSIX.message(code) }
}
