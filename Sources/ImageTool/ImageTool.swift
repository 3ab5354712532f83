import ArgumentParser
import SematicConfiguration
import SematicSystem

/// The tool: builds, pushes and launches images of Swift packages. The verbs of `swift package` start it.
@main
struct ImageTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ImageTool",
    abstract: "Turns a Swift package into container images for Sematic pipelines, without Docker.",
    discussion: "Exit status: 0 done, 1 failed, 64 misuse; for run and run-local, that of the launch program.",
    version: ToolVersion.text,
    subcommands: [
      BuildCommand.self, PushCommand.self, RunCommand.self, RunLocalCommand.self, InspectCommand.self,
      CheckCommand.self, RebaseCommand.self, RegistryCommand.self, InitCommand.self, CleanCommand.self,
    ])

  static func main() {
    StandardStreams.fill()
    // Past `ulimit -f` a write is told by an error as well. Not ignored: that would be inherited by what is started.
    signal(SIGXFSZ) { _ in }
    // Swift reads them there on Linux, and has none where it cannot: all commands would print the help, and end well.
    if CommandLine.arguments.isEmpty { ErrorReport.finish(MissingArguments()) }
    var arguments = Array(CommandLine.arguments.dropFirst())
    let asksForProduct = arguments.first == "product"
    if asksForProduct { arguments.removeFirst() }
    if Invocation.isVerb {
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
      // The plugin starts the command next, which reports the error.
      if asksForProduct { return }
      ErrorReport.finish(error)
    }
  }
}

extension ImageTool {
  static func subcommand(_ name: String?) -> (any ParsableCommand.Type)? {
    configuration.subcommands.first { $0.configuration.commandName == name }
  }

  /// Tries the named command first: in a debug build that takes a third of the time that parsing with the whole tree
  /// takes. The whole tree explains the errors.
  private static func command(_ arguments: [String]) throws -> any ParsableCommand {
    let named = subcommand(arguments.first)
    if let named, let command = try? named.parse(Array(arguments.dropFirst())) { return command }
    return try parseAsRoot(arguments)
  }
}

extension PipelineCommand {
  /// Tells the plugin what to build for this command; without an answer it builds nothing.
  fileprivate func answerPlugin() throws {
    guard options.executables.allSatisfy({ $0.platform != nil }) else { return }
    let session = Session(self)
    let all = try FoundPipeline.find(session)
    var answer = BuildAnswer(
      products: [], package: all[0].workspace.folder, debug: options.debug,
      swiftcFlags: all[0].pipeline.linking?.compilerFlags ?? [], failureHint: nil)
    do {
      for found in all where try found.productPlan(session).needsOwnBuild {
        // SwiftPM builds all of them with the same flags.
        let flags = found.pipeline.linking?.compilerFlags ?? []
        guard flags == answer.swiftcFlags || answer.products.isEmpty else {
          throw MixedLinking(pipelines: [all[0].pipeline.name, found.pipeline.name])
        }
        answer.swiftcFlags = flags
        answer.failureHint = found.pipeline.linking.flatMap { $0 == .dynamic ? nil : Linking.hint }
        answer.products += found.pipeline.products.filter { !answer.products.contains($0) }
      }
      try all.forEach(beforeBuild)
    } catch let error as any ExplainedError where error.isMisuse {
      // The call itself ends with it, and with its exit status.
      throw error
    } catch {
      let report = ErrorReport(error)
      answer.refusal = PluginContext.Refusal(
        description: report.message, details: report.details, hint: report.hint)
      answer.products = []
    }
    try session.console.data(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
  }
}

/// The system does not tell the arguments of the call.
struct MissingArguments: ExplainedError {
  var description: String { "cannot read this call's arguments: /proc/self/cmdline is not there" }
  var hint: String? { "mount it: `mount -t proc proc /proc`" }
}

/// Pipelines that one build of a plugin cannot be for.
struct MixedLinking: ExplainedError {
  let pipelines: [String]

  var description: String {
    "the pipelines \(pipelines.map { "'\($0)'" }.joined(separator: " and ")) have different values of linking, and SwiftPM "
      + "builds all products of a command in the same way"
  }

  var hint: String? { "give them the same one, or build them by themselves" }
}

private struct BuildAnswer: Encodable {
  var products: [String]
  let package: String
  let debug: Bool
  var swiftcFlags: [String]
  var failureHint: String?
  var refusal: PluginContext.Refusal?
}
