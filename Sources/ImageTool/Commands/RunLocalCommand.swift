import ArgumentParser

final class RunLocalCommand: PipelineCommand {
  static let configuration = CommandConfiguration.verb(
    "run-local", arguments: " [-- arguments]", abstract: "Start the launch program on this machine, without an image.",
    discussion: """
      Arguments after -- are passed to the program. It uses this terminal, and its exit status becomes this command's.
      """)

  @OptionGroup var options: VerbOptions

  @Argument(parsing: .postTerminator, help: "Arguments of the launch program.")
  var arguments: [String] = []

  var imageOptions: PipelineOptions? { nil }

  func perform(_ session: Session) throws {
    let inputs = try PipelineInputs(session)
    if session.options.dryRun { return try PlanReport(inputs: inputs).print(.none) }
    try Launch(inputs, arguments: arguments).run(.none)
  }
}
