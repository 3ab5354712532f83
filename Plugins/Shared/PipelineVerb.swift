import Foundation
import PackagePlugin

/// A verb of `swift package`: asks ImageTool what to build, has SwiftPM build it, and becomes ImageTool.
protocol PipelineVerb: CommandPlugin {
  /// What ImageTool is called with before the user's own arguments.
  static var command: [String] { get }
}

extension PipelineVerb {
  func performCommand(context: PluginContext, arguments: [String]) async throws {
    let tool = try context.tool(named: "ImageTool").url
    let file = context.pluginWorkDirectoryURL.appending(path: "context.json")
    var facts = BuildContext(verb: Self.command, of: context)
    try facts.write(to: file)

    let command = Self.command + ["--plugin-context", file.path] + arguments
    if let request = try BuildRequest(answerOf: tool, to: ["product"] + command) {
      for product in request.products {
        try facts.build(product, for: request, by: packageManager, in: context)
      }
      facts.refusal = request.refusal
      try facts.write(to: file)
    }
    try become(tool, command)
  }
}
