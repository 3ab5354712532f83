import ArgumentParser
import SematicConfiguration
import SematicSystem

/// Builds, pushes and launches images of Swift packages; the verbs of `swift package` are doorways to it.
@main
struct ImageTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ImageTool",
    abstract: "Turns a Swift package into container images for Sematic pipelines, without Docker.",
    discussion: "Exit status: 0 done, 1 failed, 64 misuse; run: the launch program's own.",
    subcommands: [
      BuildCommand.self, PushCommand.self, RunCommand.self, InspectCommand.self, CheckCommand.self,
      RegistryCommand.self, InitCommand.self,
    ])

  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let asksForProduct = arguments.first == "product"
    if asksForProduct { arguments.removeFirst() }
    if arguments.contains("--plugin-context") {
      arguments = PluginContext.withoutPackageManagerOptions(arguments)
    }
    do {
      let command = try command(arguments)
      if asksForProduct {
        try (command as? any PipelineCommand)?.answerPlugin()
      } else {
        Session.prepare(for: command)
        var command = command
        try command.run()
      }
    } catch {
      // The plugin only asks: what is wrong with the arguments is said once, by the command itself.
      if asksForProduct { return }
      Failure.finish(error)
    }
  }
}

extension ImageTool {
  /// The command that is named is asked first: that takes a third of the time that the parser needs for the whole tree in
  /// a debug build. What it does not understand, the whole tree explains.
  private static func command(_ arguments: [String]) throws -> any ParsableCommand {
    let named = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
    if let named, let command = try? named.parse(Array(arguments.dropFirst())) { return command }
    return try parseAsRoot(arguments)
  }
}

extension PipelineCommand {
  /// What the plugin shall build for this command; no answer means nothing.
  fileprivate func answerPlugin() throws {
    guard options.executable == nil else { return }
    let session = Session(options)
    let answer = BuildAnswer(products: try FoundPipeline(session).pipeline.products, debug: options.debug)
    session.console.data(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
  }
}

private struct BuildAnswer: Encodable {
  let products: [String]
  let debug: Bool
}
