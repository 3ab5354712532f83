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

  /// What to type for another command on the same image: a verb, or the tool's own.
  static func remedy(_ name: String, _ inputs: PipelineInputs) -> String {
    guard verbs[name] != nil else {
      let package = isVerb ? nil : inputs.options.packagePath
      let option = package.map { " --package-path " + LaunchEnvironment.shellLine([$0]) } ?? ""
      return "\(tool(inputs.state)) \(name)\(option)"
    }
    let words = Self.arguments(typed, without: ["--no-push", "--no-server-check"])
    let options = words.isEmpty ? "" : " " + LaunchEnvironment.shellLine(words)
    return (isVerb ? wholeCommand(name) : "\(tool(inputs.state)) \(name)") + options
  }

  /// The options of a verb that another one takes, too; those of the launch program are left out.
  static func arguments(_ words: [String], without own: Set<String>) -> [String] {
    words.prefix { $0 != "--" }.filter { !own.contains($0) }
  }

  /// What was typed behind the command or verb.
  private static var typed: [String] {
    let own = CommandLine.arguments
    let start = isVerb ? own.firstIndex(of: "--plugin-context").map { $0 + 2 } : nil
    return Array(own.dropFirst(start ?? 2))
  }

  /// The command line as the person typed it.
  static var line: String {
    guard isVerb else { return LaunchEnvironment.shellLine(["ImageTool"] + CommandLine.arguments.dropFirst()) }
    return wholeCommand(name) + (typed.isEmpty ? "" : " " + LaunchEnvironment.shellLine(typed))
  }
}
