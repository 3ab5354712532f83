import SematicSystem

/// A program that the tool needs for itself, such as swift or pip: without input, and with this process's signals.
struct ToolProgram {
  let command: [String]
  let output: CInt
  let errorOutput: CInt

  func run(signals: SignalRelay?) throws(SystemError) -> ChildProcess.Ending {
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(null) }
    let process = try ChildProcess(
      executable: command.first ?? "", arguments: Array(command.dropFirst()),
      environment: ProcessInfo.processInfo.environment, streams: (null, output, errorOutput), diesWithThread: true)
    signals?.setTarget(process.identifier)
    defer { signals?.setTarget(nil) }
    return try process.wait()
  }
}
