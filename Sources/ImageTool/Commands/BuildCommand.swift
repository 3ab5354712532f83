import ArgumentParser
import SematicConfiguration
import SematicImages

struct BuildCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "build", abstract: "Build an OCI image of an executable product, on disk.",
    discussion: "Prints where each image is, as KIND:PATH:TAG, which skopeo and umoci read.")

  @OptionGroup var options: VerbOptions
  @OptionGroup var image: PipelineOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to write the image. Default: below .build.", valueName: "path"))
  var output: String?

  @Option(help: "oci (a layout folder), oci-archive or docker-archive.")
  var format: ImageFormat = .oci

  @Flag(help: "Leave the base's layers out of the layout.")
  var thin = false

  @Flag(
    help:
      "Check the image against Sematic's rules, and write nothing if a check fails. With --thin, no layer is fetched for it."
  )
  var check = false

  var imageOptions: PipelineOptions? { image }

  func validate() throws {
    if format != .oci, output == nil { throw ValidationError("--format \(format.rawValue) needs --output FILE") }
    if thin, format != .oci { throw ValidationError("--thin works only with --format oci") }
  }

  func beforeBuild(_ found: FoundPipeline) throws {
    guard format != .dockerArchive || found.pipeline.platforms.count < 2 else {
      throw ImageArchiveError.severalPlatforms
    }
  }

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session, beforeBuild: beforeBuild)
    let delivery = Delivery(inputs: inputs)
    let path = delivery.outputPath(output)
    // Before the work that would be in vain.
    let destination = try delivery.destination(format, path)
    if options.dryRun { return try PlanReport(inputs: inputs).print(.disk(format, path)) }
    let images = try Building(inputs: inputs).images()
    if check { try ImageGate(inputs: inputs).check(images, fetching: !thin) }
    let saved = try delivery.save(images, to: destination, as: format, at: path, thin: thin)
    try session.writeMetadata(saved)
    for image in saved.images { try session.console.data(image.reference) }
  }
}

extension ImageFormat: ExpressibleByArgument {}
