import ArgumentParser
import SematicSystem

/// One call of a verb: its options, its console, its signals.
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

  /// The plugin's facts, if a plugin started the tool.
  func pluginContext() throws -> PluginContext? {
    try options.pluginContext.map { try PluginContext(file: $0) }
  }

  /// How the person calls a command of this tool: `swift package push-image`.
  func command(_ name: String) -> String {
    options.pluginContext == nil ? "ImageTool \(name)" : Verb.typed([name])
  }

  /// The command as the person typed it.
  func commandLine() throws -> String {
    let own = CommandLine.arguments
    guard let context = try pluginContext(), let index = own.firstIndex(of: "--plugin-context") else {
      return LaunchEnvironment.shellLine(["ImageTool"] + own.dropFirst())
    }
    let typed = own[(index + 2)...]
    return Verb.typed(context.verb) + (typed.isEmpty ? "" : " " + LaunchEnvironment.shellLine(Array(typed)))
  }

  func writeMetadata(_ metadata: Metadata) throws {
    if let file = options.metadataFile { try metadata.write(to: file, timings: timings) }
  }
}
