import ArgumentParser

/// The options of the verbs that build an image.
struct PipelineOptions: ParsableArguments {
  @OptionGroup var settings: SettingOptions

  @Option(help: ArgumentHelp("Certificates to trust besides the system's, in PEM.", valueName: "file"))
  var caFile: String?

  @Option(help: ArgumentHelp("Write what was done to a file, as JSON.", valueName: "file"))
  var metadataFile: String?

  @Flag(help: "Read and compress everything anew.")
  var noCache = false
}
