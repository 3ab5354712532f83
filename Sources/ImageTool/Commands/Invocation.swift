import SematicFiles
import SematicSystem

/// How a person called this process: as a verb of `swift package`, or by its path.
enum Invocation {
  /// Whether a plugin became this process.
  static let isVerb = CommandLine.arguments.prefix { $0 != "--" }.contains("--plugin-context")

  /// The name of the tool's command: `push`.
  static let name: String? = CommandLine.arguments.dropFirst().first { $0 != "product" && !$0.hasPrefix("-") }

  /// What to type for a command: `swift package push-image`, or `ImageTool push`.
  /// - Parameter name: nil for the tool itself.
  static func command(_ name: String?) -> String {
    guard let name else { return "ImageTool" }
    let verbs = ["build": "build-image", "push": "push-image", "run": "run-pipeline", "run-local": "run-local"]
    if isVerb, let verb = verbs[name] { return "swift package " + verb }
    return "ImageTool " + name
  }

  /// The command line of a verb, without SwiftPM's sandbox.
  static var unsandboxed: String {
    line.replacing("swift package ", with: "swift package --disable-sandbox ", maxReplacements: 1)
  }

  /// What to type for the tool itself: the link that a verb leaves, or what was typed.
  static func tool(_ state: StateFolder) -> String {
    guard isVerb else { return CommandLine.arguments.first.map { LaunchEnvironment.shellLine([$0]) } ?? "ImageTool" }
    let folder = FileTree.currentDirectory() + "/"
    let path = state.tool.hasPrefix(folder) ? String(state.tool.dropFirst(folder.count)) : state.tool
    return LaunchEnvironment.shellLine([path])
  }

  /// What to type for a command on the same package: a verb, or the tool's own.
  static func remedy(_ name: String, _ inputs: PipelineInputs) -> String {
    let verb = command(name)
    if isVerb { return verb.hasPrefix("swift ") ? verb : "\(tool(inputs.state)) \(name)" }
    let package = inputs.options.packagePath.map { " --package-path " + LaunchEnvironment.shellLine([$0]) } ?? ""
    return "\(tool(inputs.state)) \(name)\(package)"
  }

  /// The command line as the person typed it.
  static var line: String {
    let own = CommandLine.arguments
    guard isVerb, let index = own.firstIndex(of: "--plugin-context") else {
      return LaunchEnvironment.shellLine(["ImageTool"] + own.dropFirst())
    }
    let typed = own.dropFirst(index + 2)
    return command(name) + (typed.isEmpty ? "" : " " + LaunchEnvironment.shellLine(Array(typed)))
  }
}
