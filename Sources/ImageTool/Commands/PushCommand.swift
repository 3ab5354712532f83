import ArgumentParser

final class PushCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "push", abstract: "Build the image and push it; print its reference, name@sha256:...")

  @OptionGroup var options: VerbOptions
  @OptionGroup var image: PipelineOptions

  @OptionGroup var all: AllOption

  var imageOptions: PipelineOptions? { image }

  var takesAll: Bool { all.all }

  func validate() throws { try all.check(options) }

  func perform(_ session: Session) throws {
    try PackageDelivery(pipelines: PipelineInputs.all(session), destination: .registry).run()
  }
}
