import SematicSystem

/// This machine as pip finds it: where its start script lies, how programs are started, who hears what happens.
package struct PipHost: Sendable {
  /// `install-requirements.py`
  package let script: String
  /// The text of the `sitecustomize.py` of packages with `.pth` files.
  package let siteScript: String
  /// Runs a command to its end, with nothing on its standard input and both outputs in the descriptor.
  package let run: @Sendable (_ command: [String], _ output: CInt) throws -> ChildProcess.Ending
  /// Hears each step and each line of pip's.
  package let log: @Sendable (String) -> Void

  /// - Parameter run: throws a `SystemError` where the program cannot be started.
  package init(
    script: String, siteScript: String,
    run: @escaping @Sendable (_ command: [String], _ output: CInt) throws -> ChildProcess.Ending,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.script = script
    self.siteScript = siteScript
    self.run = run
    self.log = log
  }
}
