/// A program with a terminal for its output.
package enum Terminal {
  private static let script = """
    import os, pty, sys
    sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
    """

  /// Runs a program to its end.
  /// - Returns: its status, and what the terminal got; its line ends are `\\r\\n`.
  package static func run(
    _ arguments: [String], environment: [String: String], folder: String
  ) throws -> ChildProcess.Result {
    try ChildProcess.run(["python3", "-c", script] + arguments, environment: environment, folder: folder)
  }
}
