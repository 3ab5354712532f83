import ArgumentParser

/// The options that every verb understands.
struct PipelineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Which pipeline of sematic.yaml, or which executable product.", valueName: "name"))
  var pipeline: String?

  @OptionGroup var settings: SettingOptions

  @Option(help: ArgumentHelp("Certificates to trust besides the system's, in PEM.", valueName: "file"))
  var caFile: String?

  @Option(help: ArgumentHelp("Write what was done to a file, as JSON.", valueName: "file"))
  var metadataFile: String?

  @Flag(help: "Build the product in debug instead of release.")
  var debug = false

  @Flag(help: "Print the plan: layers, files, settings, destination. Writes nothing, sends nothing.")
  var dryRun = false

  @Flag(help: "Read and compress everything anew.")
  var noCache = false

  @Flag(name: .shortAndLong, help: "Print results and errors only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print each step and request.")
  var verbose = false

  @Option(help: ArgumentHelp("The package's folder. Default: the current one.", valueName: "folder"))
  var packagePath: String?

  @Option(help: ArgumentHelp("An executable that is there already, instead of building a product.", valueName: "file"))
  var executable: String?

  @Option(help: .hidden)
  var pluginContext: String?

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
  }
}

/// A command with the options of a pipeline: the plugin asks it what to build.
protocol PipelineCommand: ParsableCommand {
  var options: PipelineOptions { get }
  func perform(_ session: Session) throws
}

extension PipelineCommand {
  func run() throws {
    let session = Session.current(options)
    do {
      try perform(session)
    } catch {
      throw session.report(error)
    }
  }
}
