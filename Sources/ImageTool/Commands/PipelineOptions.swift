import ArgumentParser

/// What every verb understands.
struct PipelineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Which pipeline of sematic.yaml, or which executable product.", valueName: "name"))
  var pipeline: String?

  @Option(help: ArgumentHelp("Where images are pushed: host[:port][/folder], or local.", valueName: "registry"))
  var registry: String?

  @Option(help: ArgumentHelp("The repository in the registry.", valueName: "name"))
  var repository: String?

  @Option(
    help: ArgumentHelp(
      "A base image: worker-cuda, worker-base, a reference, oci:PATH or scratch. With TAG= it is one more image.",
      valueName: "[tag=]reference"))
  var base: [String] = []

  @Option(help: ArgumentHelp("A variable of the image's environment.", valueName: "name=value"))
  var env: [String] = []

  @Option(help: ArgumentHelp("One more tag for the image.", valueName: "tag"))
  var tag: [String] = []

  @Option(help: ArgumentHelp("The platform to choose from the base, for example linux/arm64.", valueName: "os/arch"))
  var platform: String?

  @Option(help: ArgumentHelp("How layers are compressed: gzip or zstd, or with a level.", valueName: "method[:level]"))
  var compression: String?

  @Option(help: ArgumentHelp("Certificates to trust besides the system's, in PEM.", valueName: "file"))
  var caFile: String?

  @Option(help: ArgumentHelp("How often what failed in passing is tried again; 0 fails at once.", valueName: "number"))
  var retries: String?

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
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }
}

/// A command that has the options of a pipeline: what the plugin asks about before it builds.
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
