import ArgumentParser

struct PushCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Build the image and push it; print name@sha256:... of what was pushed.")

  @OptionGroup var options: PipelineOptions

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session)
    if options.dryRun { return try PlanReport(inputs: inputs).print(.registry) }
    let images = try Building(inputs: inputs).images()
    let place = try PushPlace(inputs)
    defer { place.close() }
    let pushed = try Delivery(inputs: inputs).push(images, to: place)
    try session.writeMetadata(pushed)
    for image in pushed.images { session.console.data(image.reference) }
  }
}
