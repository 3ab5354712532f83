import SematicSystem

/// The output of a helper program, with a time limit.
enum HelperAnswer {
  struct TimedOut: Error {}

  // More than any answer; a helper must not be able to fill the memory.
  private static let limit = 1 << 20

  /// Runs a program.
  /// - Parameter seconds: the time limit.
  /// - Throws: `TimedOut`, after the program was killed; `SystemError` where it cannot be started.
  static func run(
    _ executable: String, _ arguments: [String], environment: [String: String], input: String, seconds: Double
  ) throws -> (status: Int32, output: [UInt8]) {
    let (stdin, stdout) = (try pipe(), try pipe())
    let null = POSIX.open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { [stdout.reading, null].forEach { POSIX.close($0) } }
    let started = Result {
      try ChildProcess(
        executable: executable, arguments: arguments, environment: environment,
        streams: (stdin.reading, stdout.writing, null))
    }
    [stdin.reading, stdout.writing].forEach { POSIX.close($0) }
    if (try? started.get()) != nil {
      // A program that does not read is not an error: its answer counts.
      withoutPipeSignal { _ = Array(input.utf8).withUnsafeBytes { POSIX.write(stdin.writing, $0) } }
    }
    POSIX.close(stdin.writing)
    let process = try started.get()
    let end = MonotonicClock.nanoseconds &+ UInt64(seconds * 1e9)
    guard let output = read(stdout.reading, before: end), let ending = try wait(for: process, before: end) else {
      kill(-process.identifier, SIGKILL)
      _ = try process.wait()
      throw TimedOut()
    }
    return (ending.status, output)
  }

  private static func pipe() throws(SystemError) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [0, 0]
    guard SematicSystem.pipe(&ends) == 0 else { throw SystemError(code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func wait(for process: ChildProcess, before end: UInt64) throws -> ChildProcess.Ending? {
    while true {
      if let ending = try process.endingIfOver() { return ending }
      guard MonotonicClock.nanoseconds < end else { return nil }
      MonotonicClock.sleep(seconds: 0.002)
    }
  }

  /// Reads to the end; nil where that does not come in time.
  private static func read(_ descriptor: CInt, before end: UInt64) -> [UInt8]? {
    var output: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 12)
    while output.count < limit {
      let now = MonotonicClock.nanoseconds
      guard now < end else { return nil }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, CInt(clamping: (end - now) / 1_000_000 + 1)) > 0 else { continue }
      let count = room.withUnsafeMutableBytes { POSIX.read(descriptor, $0) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return output }
      output += room.prefix(count)
    }
    return output
  }
}
