import ArgumentParser

struct PushCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "push", abstract: "Build the image and push it; print its reference, name@sha256:...")

  @OptionGroup var options: VerbOptions
  @OptionGroup var image: PipelineOptions

  var imageOptions: PipelineOptions? { image }

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session)
    if options.dryRun { return try PlanReport(inputs: inputs).print(.registry) }
    let images = try Building(inputs: inputs).images()
    let place = try PushPlace(inputs, serving: false)
    defer { place.close() }
    let pushed = try Delivery(inputs: inputs).push(images, to: place)
    try session.writeMetadata(pushed)
    if place.endsWithProcess {
      session.console.say("to pull it, serve the embedded registry: `\(Invocation.remedy("registry", inputs))`")
    }
    for image in pushed.images { try session.console.data(image.reference) }
  }
}
