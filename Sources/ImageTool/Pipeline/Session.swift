import ArgumentParser
import SematicFiles
import SematicOCI
import SematicSystem

/// One call of the tool: its options, its voice, its signals.
///
/// Made once, before any other thread.
final class Session {
  let options: PipelineOptions
  let console: Console
  let signals: SignalRelay?
  let host: PluginHost?
  let timings = Timings()

  /// The signals must be blocked before the first thread is made: `current` is set by `prepare`.
  nonisolated(unsafe) private static var prepared: Session?

  /// A session that only reads and answers: for the plugin's question.
  init(_ options: PipelineOptions) {
    self.options = options
    host = nil
    signals = nil
    console = Console(talk: .normal, host: nil)
  }

  private init(_ options: PipelineOptions, signals: SignalRelay) {
    self.options = options
    self.signals = signals
    host = options.pluginContext == nil ? nil : PluginHost()
    console = Console(talk: options.quiet ? .quiet : options.verbose ? .verbose : .normal, host: host)
    host?.watch { signals.hostIsGone() }
  }

  static func prepare(for command: any ParsableCommand) {
    guard let command = command as? any PipelineCommand else { return }
    prepared = Session(command.options, signals: SignalRelay())
  }

  static func current(_ options: PipelineOptions) -> Session { prepared ?? Session(options) }

  /// What the plugin handed over, if one did.
  func pluginContext() throws -> PluginContext? {
    try options.pluginContext.map { try PluginContext(file: $0) }
  }

  /// Says what went wrong and how it can be mended; the result ends the process with the right status.
  func report(_ error: any Error) -> ExitCode {
    if let code = error as? ExitCode { return code }
    console.fail(Failure.advice(for: error))
    return ExitCode(Failure.status(of: error))
  }

  /// Ends the process for an error that reached the top: a mistake in the arguments, `--help`, or an exit status.
  static func finish(with error: any Error) -> Never {
    if let code = error as? ExitCode { POSIX.exit(code.rawValue) }
    let host = CommandLine.arguments.contains("--plugin-context") ? PluginHost() : nil
    let console = Console(talk: .normal, host: host)
    let status = ImageTool.exitCode(for: error).rawValue
    let text = ImageTool.fullMessage(for: error)
    if status == 0 {
      console.data(text)
      POSIX.exit(0)
    }
    // The parser's own mistakes come with the usage; everything else is a failure of what was asked for.
    if status == ExitCode.validationFailure.rawValue {
      console.misuse(text)
      POSIX.exit(64)
    }
    console.fail(Failure.advice(for: error))
    POSIX.exit(Failure.status(of: error))
  }

  func writeMetadata(_ metadata: Metadata) throws {
    guard let file = options.metadataFile else { return }
    var metadata = metadata
    metadata.timings = timings.seconds
    try AtomicFile.write(canonicalJSON(metadata, pretty: true) + Data("\n".utf8), to: FileTree.absolute(file))
  }
}
