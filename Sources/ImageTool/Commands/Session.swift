import ArgumentParser
import SematicSystem

/// One call of a verb: its options, its console, its signals.
///
/// Made once, before any other thread.
final class Session {
  let options: VerbOptions
  /// Nil for a verb without an image.
  let imageOptions: PipelineOptions?
  /// Whether it makes an image.
  let makesImage: Bool
  /// Whether it is about every pipeline.
  let takesAll: Bool
  /// The executables that were built for this call, by what decides about them.
  var builtProducts: [String: String] = [:]
  let console: Console
  let signals: SignalRelay?
  let host: PluginHost?
  let timings = Timings()

  /// The signals must be blocked before the first thread is made: `current` is set by `prepare`.
  nonisolated(unsafe) private static var prepared: Session?

  /// A session that only reads and answers: for the plugin's question.
  init(_ command: any PipelineCommand) {
    options = command.options
    imageOptions = command.imageOptions
    makesImage = command.makesImage
    takesAll = command.takesAll
    host = nil
    signals = nil
    console = Console(talk: .normal, host: nil)
  }

  private init(_ command: any PipelineCommand, signals: SignalRelay) {
    options = command.options
    imageOptions = command.imageOptions
    makesImage = command.makesImage
    takesAll = command.takesAll
    self.signals = signals
    host = options.pluginContext == nil ? nil : PluginHost()
    console = Console(talk: options.quiet ? .quiet : options.verbose ? .verbose : .normal, host: host)
    host?.watch { signals.hostIsGone() }
  }

  static func prepare(for command: any ParsableCommand) {
    guard let command = command as? any PipelineCommand else { return }
    prepared = Session(command, signals: SignalRelay())
  }

  static func current(_ command: any PipelineCommand) -> Session { prepared ?? Session(command) }

  /// Whether SwiftPM's sandbox holds this process: that of the plugin that it was.
  var isSandboxed: Bool { options.pluginContext != nil && PluginHost.isSandboxed }

  var usesCaches: Bool { imageOptions?.noCache != true }

  /// The plugin's facts, if a plugin started the tool.
  func pluginContext() throws -> PluginContext? {
    try options.pluginContext.map { try PluginContext(file: $0) }
  }

  func writeMetadata(_ metadata: Metadata) throws {
    if let file = imageOptions?.metadataFile { try metadata.write(to: file, timings: timings) }
  }
}
