import ArgumentParser
import SematicConfiguration
import SematicImages

struct BuildCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "build", abstract: "Build an OCI image of an executable product, on disk.",
    discussion:
      "Prints where each image is, as KIND:PATH:TAG, which skopeo and umoci read; with --load, the image's name.")

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
      "Load the image into the container runtime of this machine, the first that is installed of podman, docker, nerdctl, ctr and container (Apple's), and write no file."
  )
  var load = false

  @Option(help: ArgumentHelp("Load the image into this runtime.", valueName: "runtime"))
  var loadInto: ContainerRuntime?

  @Flag(
    help:
      "Check the image against Sematic's rules, and write nothing if a check fails. With --thin, no layer is fetched for it."
  )
  var check = false

  var imageOptions: PipelineOptions? { image }

  func validate() throws {
    if loads, output != nil || format != .oci || thin {
      throw ValidationError("--load writes no file: it cannot be used with --output, --format or --thin")
    }
    if format != .oci, output == nil { throw ValidationError("--format \(format.rawValue) needs --output FILE") }
    if thin, format != .oci { throw ValidationError("--thin works only with --format oci") }
  }

  private var loads: Bool { load || loadInto != nil }

  func beforeBuild(_ found: FoundPipeline) throws {
    let runtime = loads ? try ContainerRuntime.find(loadInto) : nil
    guard !(runtime?.wantsDockerArchive ?? (format == .dockerArchive)) || found.pipeline.platforms.count < 2 else {
      throw ImageArchiveError.severalPlatforms
    }
    guard let runtime else { return }
    if found.pipeline.bases.contains(where: { found.pipeline.imageTags(for: $0.tag).isEmpty }) {
      throw LoadError.unnamed(runtime)
    }
    if !options.dryRun { try runtimeLoad(Session.current(self)).check() }
  }

  private func runtimeLoad(_ session: Session) throws -> RuntimeLoad {
    RuntimeLoad(runtime: try ContainerRuntime.find(loadInto), console: session.console, signals: session.signals)
  }

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session, beforeBuild: beforeBuild)
    if loads { return try perform(inputs, by: runtimeLoad(session)) }
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

  private func perform(_ inputs: PipelineInputs, by load: RuntimeLoad) throws {
    if options.dryRun { return try PlanReport(inputs: inputs).print(.runtime(load.runtime)) }
    let images = try Building(inputs: inputs).images()
    if check { try ImageGate(inputs: inputs).check(images, fetching: true) }
    let loaded = try Delivery(inputs: inputs).load(images, by: load)
    try inputs.session.writeMetadata(loaded)
    for image in loaded.images { try inputs.console.data(image.reference) }
  }
}

extension ImageFormat: ExpressibleByArgument {}
