import SematicFiles
import SematicSystem

/// How a person called this process: as a verb of `swift package`, or by its path.
enum Invocation {
  /// Whether a plugin became this process.
  static let isVerb = CommandLine.arguments.prefix { $0 != "--" }.contains("--plugin-context")

  /// The name of the tool's command: `push`.
  static let name: String? = CommandLine.arguments.dropFirst().first { $0 != "product" && !$0.hasPrefix("-") }

  /// The options in front of the verb that say what is built; SwiftPM tells no plugin of them. None where the system does not
  /// tell (macOS).
  private static let leading = isVerb ? PluginHost.packageManager.map { leadingOptions(of: $0) } ?? [] : []

  /// - Parameter words: the command line of `swift package`.
  static func leadingOptions(of words: [String]) -> [String] {
    let names = ["--package-path", "--swift-sdk"]
    let verbs = Set(verbs.values)
    let front = Array(words.dropFirst().prefix { !verbs.contains($0) })
    return front.indices.flatMap { index in
      let word = front[index]
      if names.contains(word), index + 1 < front.count { return [word, front[index + 1]] }
      return names.contains { word.hasPrefix($0 + "=") } ? [word] : []
    }
  }

  private static let verbs = [
    "build": "build-image", "push": "push-image", "run": "run-pipeline", "run-local": "run-local",
  ]

  /// What to type for a command: `swift package push-image`, or `ImageTool push`.
  /// - Parameter name: nil for the tool itself.
  static func command(_ name: String?) -> String {
    guard let name else { return "ImageTool" }
    if isVerb, let verb = verbs[name] { return "swift package " + verb }
    return "ImageTool " + name
  }

  /// The same with the options that were typed in front of the verb.
  private static func wholeCommand(_ name: String?) -> String {
    let command = command(name)
    guard !leading.isEmpty, command.hasPrefix(package) else { return command }
    return package + LaunchEnvironment.shellLine(leading) + " " + command.dropFirst(package.count)
  }

  private static let package = "swift package "

  /// The command line of a verb, without SwiftPM's sandbox.
  static var unsandboxed: String {
    line.replacing(package, with: package + "--disable-sandbox ", maxReplacements: 1)
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
    let verb = wholeCommand(name)
    if isVerb { return verb.hasPrefix(package) ? verb : "\(tool(inputs.state)) \(name)" }
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
    return wholeCommand(name) + (typed.isEmpty ? "" : " " + LaunchEnvironment.shellLine(Array(typed)))
  }
}
