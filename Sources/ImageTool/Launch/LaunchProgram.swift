import Foundation

/// The user's launch program as a child: with the terminal, its signals and its exit status.
struct LaunchProgram: Sendable {
  let executable: String
  let arguments: [String]
  let environment: [String: String]
  /// Descriptors that become the program's standard streams.
  let streams: (input: CInt, output: CInt, error: CInt)

  enum Ending: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    /// As a shell reports it.
    var status: Int32 {
      switch self {
      case .exited(let status): status
      case .signalled(let signal): 128 + signal
      }
    }
  }

  struct StartError: Error, CustomStringConvertible {
    let executable: String
    let code: Int32

    var description: String { "cannot start the launch program \(executable): \(String(cString: strerror(code)))" }
  }

  /// Starts the program and waits for it. Signals that reach this process meanwhile reach the program.
  func run(signals: SignalRelay?) throws -> Ending {
    let process = try start()
    signals?.setTarget(process)
    let terminal = Terminal(for: streams.input)
    terminal?.give(to: process)
    defer {
      signals?.setTarget(nil)
      terminal?.takeBack()
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      if errno != EINTR { throw StartError(executable: executable, code: errno) }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }

  private func start() throws -> pid_t {
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
    guard code == 0 else { throw StartError(executable: executable, code: code) }
    return process
  }
}

/// The terminal's foreground, lent to the launch program so that Ctrl-C and typed lines reach it.
private struct Terminal {
  private let descriptor: CInt
  private let owner: pid_t

  /// Nil when the program's input is no terminal, or when the terminal is not ours to give.
  init?(for input: CInt) {
    guard isatty(input) == 1 else { return nil }
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let owner = tcgetpgrp(descriptor)
    guard owner > 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.owner = owner
    // Without this, taking the terminal back would stop us.
    signal(SIGTTOU, SIG_IGN)
  }

  func give(to process: pid_t) {
    if tcsetpgrp(descriptor, process) == 0 {
      // It may have asked for input before the terminal was its own, and been stopped for it.
      kill(-process, SIGCONT)
    }
  }

  func takeBack() {
    tcsetpgrp(descriptor, owner)
    close(descriptor)
  }
}
