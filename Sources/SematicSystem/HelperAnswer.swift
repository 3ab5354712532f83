/// The output of a helper program, with a time limit.
package enum HelperAnswer {
  package struct TimedOut: ExplainedError {
    package var description: String { "the program gave no answer in time" }
    package var hint: String? { nil }
  }

  /// Runs a program.
  /// - Parameters:
  ///   - seconds: the time limit.
  ///   - limit: the size of the output, in bytes, that is read.
  /// - Throws: `TimedOut`, after the program was killed; `SystemError` where it cannot be started.
  package static func run(
    _ executable: String, _ arguments: [String], environment: [String: String], input: String, seconds: Double,
    limit: Int = 1 << 20
  ) throws -> (status: Int32, output: [UInt8], errors: [UInt8]) {
    let (stdin, stdout, stderr) = (try pipeEnds(), try pipeEnds(), try pipeEnds())
    defer { [stdout.reading, stderr.reading].forEach { POSIX.close($0) } }
    let started = Result {
      try ChildProcess(
        executable: executable, arguments: arguments, environment: environment,
        streams: (stdin.reading, stdout.writing, stderr.writing))
    }
    [stdin.reading, stdout.writing, stderr.writing].forEach { POSIX.close($0) }
    if (try? started.get()) != nil {
      // A program that does not read is not an error: its answer counts.
      withoutPipeSignal { _ = Array(input.utf8).withUnsafeBytes { POSIX.writeAll(stdin.writing, $0) } }
    }
    POSIX.close(stdin.writing)
    let process = try started.get()
    let end = MonotonicClock.nanoseconds &+ UInt64(seconds * 1e9)
    guard let (output, errors) = read(stdout.reading, stderr.reading, before: end, limit: limit),
      let ending = try wait(for: process, before: end)
    else {
      kill(-process.identifier, SIGKILL)
      _ = try process.wait()
      throw TimedOut()
    }
    return (ending.status, output, errors)
  }

  /// A pipe that no child process inherits, and that sends no SIGPIPE where that can be chosen.
  package static func pipeEnds() throws(SystemError) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError(code: errno) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      #if canImport(Darwin)
        _ = fcntl(end, F_SETNOSIGPIPE, 1)
      #endif
    }
    return (ends[0], ends[1])
  }

  private static func wait(for process: ChildProcess, before end: UInt64) throws -> ChildProcess.Ending? {
    while true {
      if let ending = try process.endingIfOver() { return ending }
      guard MonotonicClock.nanoseconds < end else { return nil }
      MonotonicClock.sleep(seconds: 0.002)
    }
  }

  /// Reads to the end of the output, or to the limit: a helper must not be able to fill the memory. Nil where that does not
  /// come in time.
  private static func read(_ output: CInt, _ errors: CInt, before end: UInt64, limit: Int) -> (
    output: [UInt8], errors: [UInt8]
  )? {
    var collected: [[UInt8]] = [[], []]
    var isOpen = [true, true]
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while isOpen[0], collected[0].count < limit {
      let now = MonotonicClock.nanoseconds
      guard now < end else { return nil }
      var wanted = [output, errors].enumerated().map { index, descriptor in
        pollfd(fd: isOpen[index] ? descriptor : -1, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&wanted, nfds_t(wanted.count), CInt(clamping: (end - now) / 1_000_000 + 1)) > 0 else { continue }
      // What the program says about an error comes before its output ends.
      for index in [1, 0] where wanted[index].revents != 0 {
        let count = room.withUnsafeMutableBytes { POSIX.read(wanted[index].fd, $0) }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { isOpen[index] = false }
        if count > 0, collected[index].count < limit { collected[index] += room.prefix(count) }
      }
    }
    return (collected[0], collected[1])
  }
}
