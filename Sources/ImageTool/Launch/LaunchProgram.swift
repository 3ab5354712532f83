import SematicSystem

/// The user's launch program as a child: with the terminal, its signals and its exit status.
struct LaunchProgram: Sendable {
  let executable: String
  let arguments: [String]
  let environment: [String: String]
  /// Descriptors that become the program's standard streams.
  let streams: (input: CInt, output: CInt, error: CInt)

  typealias Ending = ChildProcess.Ending

  struct StartError: ExplainedError {
    let executable: String
    let code: Int32

    var description: String { "cannot start the launch program \(executable): \(POSIX.message(code))" }

    var hint: String? { nil }
  }

  /// Starts the program and waits for it. Signals that reach this process meanwhile reach the program.
  func run(signals: SignalRelay?) throws(StartError) -> Ending {
    do throws(SystemError) {
      let process = try ChildProcess(
        executable: executable, arguments: arguments, environment: environment, streams: streams, diesWithThread: true)
      signals?.setTarget(process.identifier)
      let terminal = Terminal(for: streams.input)
      terminal?.give(to: process.identifier)
      defer {
        signals?.setTarget(nil)
        terminal?.takeBack()
      }
      return try process.wait()
    } catch {
      throw StartError(executable: executable, code: error.code)
    }
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
