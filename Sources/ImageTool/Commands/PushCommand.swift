import ArgumentParser

struct PushCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Build the image and push it; print name@sha256:... of what was pushed.")

  @OptionGroup var options: PipelineOptions

  func perform(_ session: Session) throws {
    let job = try PipelineJob(session)
    if options.dryRun { return try job.printPlan(destination: .registry) }
    let images = try job.buildImages()
    let place = try job.openRegistry()
    defer { place.close() }
    let pushed = try job.push(images, to: place)
    try session.writeMetadata(pushed)
    for image in pushed.images { session.console.data(image.reference) }
  }
}
