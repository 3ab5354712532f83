import ArgumentParser

/// The options of the verbs that build an image.
final class PipelineOptions: ParsableArguments {
  @OptionGroup var settings: SettingOptions

  @Option(help: ArgumentHelp("Certificates to trust besides the system's, in PEM.", valueName: "file"))
  var caFile: String?

  @Option(
    help: ArgumentHelp("Write what was done to a file, as JSON; below .build, no image contains it.", valueName: "file")
  )
  var metadataFile: String?

  @Flag(help: "Read and compress everything anew.")
  var noCache = false

  // `swift package` has an option of this name in front of the verb, and tells no plugin of it.
  @Option(
    help: Invocation.isVerb
      ? .private : ArgumentHelp("Build with this Swift SDK, for Linux where this is not Linux.", valueName: "id"))
  var swiftSdk: String?

  func validate() throws {
    if let swiftSdk, Invocation.isVerb {
      let verb = Invocation.command(Invocation.name).replacing("package ", with: "package --swift-sdk \(swiftSdk) ")
      throw ValidationError("--swift-sdk goes in front of the verb: \(verb)")
    }
  }
}
