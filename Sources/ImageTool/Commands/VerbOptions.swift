import ArgumentParser
import SematicFiles

/// The options of every verb.
final class VerbOptions: ParsableArguments {
  @Option(
    name: [.customLong("pipeline"), .customLong("product")],
    help: ArgumentHelp("A pipeline of sematic.yaml, or an executable product.", valueName: "name"))
  var namedPipeline: String?

  @Argument(help: ArgumentHelp("The same without an option.", valueName: "pipeline"))
  var barePipeline: String?

  var pipeline: String? { namedPipeline ?? barePipeline }

  @Flag(help: "Build the product in debug instead of release.")
  var debug = false

  @Flag(help: "Print the plan: layers, files, settings, destination. Write nothing, send nothing.")
  var dryRun = false

  @Flag(name: .shortAndLong, help: "Print only results, warnings and errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print each step and request.")
  var verbose = false

  // `swift package` has an option of this name in front of the verb.
  @Option(
    help: Invocation.isVerb
      ? .private
      : ArgumentHelp("The package's folder. Default: the current one, or one above it.", valueName: "folder"))
  var packagePath: String?

  @Option(
    name: .customLong("executable"),
    help: ArgumentHelp(
      "An existing executable, instead of building a product; with OS/ARCH= it is for that platform.",
      valueName: "[os/arch=]file"))
  var executables: [GivenExecutable] = []

  @Option(help: .private)
  var pluginContext: String?

  func validate() throws {
    if let named = namedPipeline, let bare = barePipeline, named != bare {
      throw ValidationError("two pipelines are named: '\(named)' and '\(bare)'")
    }
    let platforms = Set(executables.map(\.platform))
    if executables.count > 1, platforms.contains(nil) || platforms.count < executables.count {
      throw ValidationError("several executables are given: write the platform of each, --executable OS/ARCH=FILE")
    }
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
  }
}

/// The option of commands that can be about every pipeline.
final class AllOption: ParsableArguments {
  @Flag(
    help:
      "Every pipeline of sematic.yaml: layers that are the same are built and sent once. Each image is one line."
  )
  var all = false

  /// - Throws: `ValidationError`.
  func check(_ options: VerbOptions) throws {
    guard all else { return }
    if let name = options.pipeline { throw ValidationError("--all and the pipeline '\(name)' cannot be used together") }
    if !options.executables.isEmpty { throw ValidationError("--all and --executable cannot be used together") }
  }
}

/// A command on a pipeline: the plugin asks it what to build.
protocol PipelineCommand: ParsableCommand {
  var options: VerbOptions { get }
  /// Nil for a verb without an image.
  var imageOptions: PipelineOptions? { get }
  /// Whether this call needs an image of the pipeline.
  var makesImage: Bool { get }
  /// Whether it is about every pipeline.
  var takesAll: Bool { get }
  /// The files that it writes, which are no part of an image.
  var outputs: [String] { get }
  /// Whether the references of its images are its result.
  var printsReferences: Bool { get }
  /// Refuses what would be built in vain.
  func beforeBuild(_ found: FoundPipeline) throws
  func perform(_ session: Session) throws
}

extension PipelineCommand {
  var makesImage: Bool { imageOptions != nil }

  var takesAll: Bool { false }

  var outputs: [String] { [imageOptions?.metadataFile].compactMap { $0 } }

  var printsReferences: Bool { true }

  func beforeBuild(_ found: FoundPipeline) {}

  func run() throws {
    let session = Session.current(self)
    do {
      if let file = imageOptions?.metadataFile { try Metadata.begin(file, isDryRun: options.dryRun) }
      try perform(session)
      try session.writeMetadata()
    } catch {
      // What was delivered before stays where it is.
      try? session.writeMetadata()
      throw session.report(error)
    }
  }
}

extension CommandConfiguration {
  /// The configuration of a command that is also a verb of `swift package`, whose help speaks of what was typed.
  static func verb(
    _ name: String, arguments: String = "", abstract: String, discussion: String = ""
  ) -> CommandConfiguration {
    CommandConfiguration(
      commandName: name, abstract: abstract, usage: Invocation.command(name) + " [options]" + arguments,
      discussion: discussion)
  }
}
