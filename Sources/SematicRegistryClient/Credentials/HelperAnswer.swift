import Foundation

/// What a helper program writes to its end, waited for only so long.
final class HelperAnswer {
  struct TimedOut: Error {}

  // More than any answer; a helper must not be able to fill the memory.
  private static let limit = 1 << 20

  /// Runs a program that is set up except for its input and output.
  /// - Throws: `TimedOut`, after which it runs no more; what Foundation throws where it cannot be started.
  static func run(_ process: Process, input: String, seconds: Double) throws -> (status: Int32, output: Data) {
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = FileHandle.nullDevice
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    let end = DispatchTime.now() + seconds
    try process.run()
    // A program that does not read is not an error: its answer counts.
    withoutPipeSignal { try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
    try? stdin.fileHandleForWriting.close()
    guard let output = read(stdout.fileHandleForReading.fileDescriptor, before: end),
      ended.wait(timeout: end) == .success
    else {
      kill(process.processIdentifier, SIGKILL)
      // Its own children may hold open what tells us of its end: they are not waited for.
      _ = ended.wait(timeout: .now() + 1)
      throw TimedOut()
    }
    return (process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus, output)
  }

  /// Nil where the end does not come in time.
  private static func read(_ descriptor: CInt, before end: DispatchTime) -> Data? {
    var output = Data()
    var room = [UInt8](repeating: 0, count: 1 << 12)
    while output.count < limit {
      let now = DispatchTime.now()
      guard now < end else { return nil }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let milliseconds = CInt(clamping: (end.uptimeNanoseconds - now.uptimeNanoseconds) / 1_000_000 + 1)
      guard poll(&wanted, 1, milliseconds) > 0 else { continue }
      let count = Foundation.read(descriptor, &room, room.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return output }
      output += room.prefix(count)
    }
    return output
  }
}
