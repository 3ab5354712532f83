import ArgumentParser

struct PushCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "push", abstract: "Build the image and push it; print its reference, name@sha256:...")

  @OptionGroup var options: VerbOptions
  @OptionGroup var image: PipelineOptions

  @OptionGroup var all: AllOption

  var imageOptions: PipelineOptions? { image }

  var takesAll: Bool { all.all }

  func validate() throws { try all.check(options) }

  func perform(_ session: Session) throws {
    let pipelines = try PipelineInputs.all(session)
    if options.dryRun { return try pipelines.forEach { try PlanReport(inputs: $0).print(.registry) } }
    let (pushed, endsWithProcess) = try PackageDelivery.buildAndPush(pipelines)
    try session.writeMetadata(pushed)
    if endsWithProcess, let inputs = pipelines.first {
      session.console.say("to pull it, serve the embedded registry: `\(Invocation.remedy("registry", inputs))`")
    }
    for image in pushed.images { try session.console.data(image.reference) }
  }
}
