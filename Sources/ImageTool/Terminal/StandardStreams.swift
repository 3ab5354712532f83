import SematicSystem

/// The three standard streams, of which the caller may have closed some.
enum StandardStreams {
  /// Fills the place of closed streams, which the next files that are opened would take.
  ///
  /// Called before anything is opened.
  static func fill() {
    for descriptor in CInt(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
      if descriptor == 1 { outputIsClosed = true }
      // The lowest free number, which is this one. Programs that are started inherit it.
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Written once, before there is a second thread.
  nonisolated(unsafe) private(set) static var outputIsClosed = false
}

/// A result that could not be written to the standard output.
struct OutputError: ExplainedError {
  let code: Int32

  var description: String { "cannot write the result to standard output: \(POSIX.message(code))" }
  var hint: String? { "what was done stays; send standard output to a pipe or file that is open and has room" }
}
