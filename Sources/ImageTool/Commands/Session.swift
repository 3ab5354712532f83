import ArgumentParser
import SematicFiles
import SematicSystem

/// One call of a verb: its options, its console, its signals.
///
/// Made once, before any other thread.
final class Session {
  let command: any PipelineCommand
  let options: VerbOptions
  /// Nil for a verb without an image.
  let imageOptions: PipelineOptions?
  /// The files that it writes, with every link followed.
  let outputs: [String]
  /// The images that are at their places, and not in the metadata file yet.
  private(set) var images: [Metadata.Image] = []
  /// The executables that were built for this call, by what decides about them.
  var builtProducts: [String: String] = [:]
  let console: Console
  let signals: SignalRelay?
  let host: PluginHost?
  let timings = Timings()
  /// What no other command may replace until this one ends.
  let foldersInUse = FoldersInUse()

  /// The signals must be blocked before the first thread is made: `current` is set by `prepare`.
  nonisolated(unsafe) private static var prepared: Session?

  /// - Parameter signals: nil for a session that only reads and answers: for the plugin's question.
  init(_ command: any PipelineCommand, signals: SignalRelay? = nil) {
    self.command = command
    options = command.options
    imageOptions = command.imageOptions
    outputs = command.outputs.compactMap { try? FileTree.resolved($0) }
    self.signals = signals
    host = signals == nil || options.pluginContext == nil ? nil : PluginHost()
    let talk: Console.Talk = options.quiet ? .quiet : options.verbose ? .verbose : .normal
    console = Console(talk: signals == nil ? .normal : talk, host: host)
    host?.watch { signals?.hostIsGone() }
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

  /// Prints the reference of an image that has come to its place.
  func delivered(_ image: Metadata.Image) throws {
    images.append(image)
    if command.printsReferences { try console.data(image.reference) }
  }

  /// Whether this call writes a file of the package: then it is no part of an image.
  func writes(_ file: String) -> Bool {
    let name = "/" + FileTree.name(of: file)
    return outputs.contains { $0.hasSuffix(name) && (try? FileTree.resolved(file)) == $0 }
  }

  func writeMetadata() throws {
    guard let file = imageOptions?.metadataFile, !images.isEmpty else { return }
    try Metadata(images: images).write(to: file, timings: timings)
    images = []
  }
}
