import ArgumentParser
import SematicConfiguration
import SematicFiles
import SematicImages

final class BuildCommand: PipelineCommand {
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

  @OptionGroup var all: AllOption

  var imageOptions: PipelineOptions? { image }

  var takesAll: Bool { all.all }

  var outputs: [String] { [image.metadataFile, output].compactMap { $0 } }

  func validate() throws {
    if loads, output != nil || format != .oci || thin {
      throw ValidationError("--load writes no file: it cannot be used with --output, --format or --thin")
    }
    if format != .oci, output == nil { throw ValidationError("--format \(format.rawValue) needs --output FILE") }
    try all.check(options)
    if let output, let file = image.metadataFile,
      (FileTree.absolute(file) + "/").hasPrefix(FileTree.absolute(output) + "/")
    {
      throw ValidationError("--metadata-file cannot be the image of --output, or in it")
    }
    if thin, format != .oci { throw ValidationError("--thin works only with --format oci") }
  }

  private var loads: Bool { load || loadInto != nil }

  func beforeBuild(_ found: FoundPipeline) throws {
    let runtime = loads ? try ContainerRuntime.find(loadInto) : nil
    if found.pipeline.platforms.count > 1 {
      if let runtime, runtime.wantsDockerArchive { throw LoadError.severalPlatforms(runtime) }
      if runtime == nil, format == .dockerArchive { throw ImageArchiveError.severalPlatforms }
    }
    guard let runtime else { return }
    if found.pipeline.bases.contains(where: { found.pipeline.imageTags(for: $0.tag).isEmpty }) {
      throw LoadError.unnamed(runtime)
    }
    if !options.dryRun { try containerLoad(Session.current(self)).check() }
  }

  private func containerLoad(_ session: Session) throws -> ContainerLoad {
    ContainerLoad(runtime: try ContainerRuntime.find(loadInto), console: session.console, signals: session.signals)
  }

  func perform(_ session: Session) throws {
    let pipelines = try PipelineInputs.all(session, beforeBuild: beforeBuild)
    // Before the work that would be in vain.
    let destination: Destination =
      try loads
      ? .runtime(containerLoad(session)) : .disk(format, DiskPlace.places(for: pipelines, format, output), thin: thin)
    try PackageDelivery(pipelines: pipelines, destination: destination).run { inputs, images in
      if check { try ImageGate(inputs: inputs).check(images, fetching: !thin) }
    }
  }
}

extension ImageFormat: ExpressibleByArgument {}
