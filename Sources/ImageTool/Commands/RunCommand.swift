import ArgumentParser
import SematicConfiguration
import SematicLaunch
import SematicOCI
import SematicSystem

final class RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "run", arguments: " [-- arguments]",
    abstract: "Build and push the image, then start the launch program with the image's digest.",
    discussion: """
      Arguments after -- are passed to the program. It uses this terminal, and its exit status becomes this command's. \
      If SEMATIC_CONTAINER_IMAGE is set, nothing is built or pushed: that image is checked against Sematic's rules, and \
      the program is started with it.
      """)

  @OptionGroup var options: VerbOptions
  @OptionGroup var image: PipelineOptions

  @Flag(help: "Compute the digests, but push nothing.")
  var noPush = false

  @Flag(help: "Do not ask Sematic's server before building whether it takes the launch.")
  var noServerCheck = false

  @Flag(help: "Start the program without an image; the same as run-local.")
  var local = false

  @Argument(parsing: .postTerminator, help: "Arguments of the launch program.")
  var arguments: [String] = []

  var imageOptions: PipelineOptions? { image }

  var printsReferences: Bool { false }

  var makesImage: Bool { !local && ProcessInfo.processInfo.environment[ContainerImages.single] == nil }

  func validate() throws {
    if local, noPush {
      throw ValidationError("--no-push and --local cannot be used together: --local has no image to push")
    }
  }

  func beforeBuild(_ found: FoundPipeline) throws {
    guard !local, !options.dryRun else { return }
    if options.pluginContext != nil, case .local = found.pipeline.registry {
      try EmbeddedRegistry.checkServing(found.workspace.state)
    }
    guard !noServerCheck else { return }
    let need = ServerNeed(
      of: found.pipeline, sources: found.sources, python: HostProgram.python(in: found.workspace),
      folder: found.workspace.folder, arguments: arguments,
      hasAddress: SematicUserSettings().value("SEMATIC_API_ADDRESS") != nil)
    if let need { try ServerCheck(need: need, caFile: image.caFile).run() }
  }

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session, beforeBuild: beforeBuild)
    if local {
      if options.dryRun { return try PlanReport(inputs: inputs).print(.none) }
      return try Launch(inputs, arguments: arguments).run(.none)
    }
    if let image = ProcessInfo.processInfo.environment[ContainerImages.single] {
      // Sematic's hook for a totally custom image; the reader judges it as the launch program would.
      _ = try ContainerImages.read(from: [ContainerImages.single: image])
      let reference = try ImageReference(image)
      session.console.say("\(ContainerImages.single) is set: nothing is built or pushed, launching with \(image)")
      if options.dryRun { return }
      let launch = try Launch(inputs, arguments: arguments)
      let place = try ImageGate(inputs: inputs).check(reference)
      defer { place?.close() }
      return try launch.run(.custom(image))
    }
    if options.dryRun { return try PlanReport(inputs: inputs).print(.registry) }
    let launch = try Launch(inputs, arguments: arguments)
    let place = try PushPlace(inputs, serving: true)
    defer { place.close() }
    let delivery = Delivery(inputs: inputs)
    try noPush
      ? delivery.compare(Building(inputs: inputs).images(), with: place) : delivery.buildAndPush(to: place)
    let references = Dictionary(session.images.map { ($0.tag, $0.reference) }) { $1 }
    try session.writeMetadata()
    try launch.run(.built(references))
  }
}
