import CSematic

/// A program that this process starts.
package struct ChildProcess: Sendable {
  package enum Ending: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    /// The exit status as a shell reports it.
    package var status: Int32 {
      switch self {
      case .exited(let status): status
      case .signalled(let signal): 128 + signal
      }
    }
  }

  package let identifier: pid_t
  /// The process that kills the program's group when this process ends.
  private var guardian: (identifier: pid_t, lifeline: CInt)?

  /// Starts a program, in a process group of its own and with the usual signals.
  ///
  /// In a group of its own, it gets a signal of the terminal once: from the terminal, and not from this process as well.
  /// - Parameters:
  ///   - executable: a path, or a name that is looked up on PATH.
  ///   - streams: descriptors that become the program's standard streams; all others must be closed on exec.
  ///   - diesWithThread: kills the program when the calling thread ends (Linux), and its whole group when this process
  ///     ends, whatever ended it. `wait` must be called.
  /// - Throws: the system's `errno`, as a `SystemError`.
  package init(
    executable: String, arguments: [String], environment: [String: String],
    streams: (input: CInt, output: CInt, error: CInt), diesWithThread: Bool = false
  ) throws(SystemError) {
    var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + variables).forEach { free($0) } }
    identifier = csematic_spawn(
      executable, &argv, &variables, [streams.input, streams.output, streams.error], diesWithThread ? 1 : 0)
    if identifier < 0 { throw SystemError(code: errno) }
    var lifeline: CInt = -1
    if diesWithThread, case let guardian = csematic_guard(identifier, &lifeline), guardian > 0 {
      self.guardian = (guardian, lifeline)
    }
  }

  /// Waits for the program's end.
  package func wait() throws(SystemError) -> Ending {
    defer {
      // What the program leaves running on purpose goes on, as it would behind a shell.
      if let guardian {
        // Not by a signal: a sandbox may forbid those.
        _ = withoutPipeSignal { [UInt8(1)].withUnsafeBytes { POSIX.write(guardian.lifeline, $0) } }
        POSIX.close(guardian.lifeline)
        while waitpid(guardian.identifier, nil, 0) < 0, errno == EINTR {}
      }
    }
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

/// A failed call of the C library.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `errno`
  package let code: Int32

  package init(code: Int32) { self.code = code }

  package var description: String { POSIX.message(code) }
}
