import ArgumentParser
import SematicImages

struct BuildCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Build an OCI image of an executable product, on disk.",
    discussion: "Prints where each image lies, as PATH-OF-KIND:PATH:TAG, which skopeo and umoci read.")

  @OptionGroup var options: PipelineOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to. Default: below .build.", valueName: "path"))
  var output: String?

  @Option(help: "oci (a layout folder), oci-archive or docker-archive.")
  var format: ImageFormat = .oci

  @Flag(help: "Leave the base's layers out of the layout.")
  var thin = false

  @Flag(help: "Judge the image by Sematic's rules, and write nothing if it breaks one. With --thin: by what is here.")
  var check = false

  func validate() throws {
    if format != .oci, output == nil { throw ValidationError("--format \(format.rawValue) needs --output FILE") }
    if thin, format != .oci { throw ValidationError("--thin is for --format oci alone") }
  }

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session)
    let delivery = Delivery(inputs: inputs)
    let path = delivery.outputPath(output)
    if options.dryRun { return try PlanReport(inputs: inputs).print(.disk(format, path)) }
    let images = try Building(inputs: inputs).images()
    if check { try ImageGate(inputs: inputs).check(images, fetching: !thin) }
    let saved = try delivery.save(images, as: format, to: path, thin: thin)
    try session.writeMetadata(saved)
    for image in saved.images { session.console.data(image.reference) }
  }
}

extension ImageFormat: ExpressibleByArgument {}
