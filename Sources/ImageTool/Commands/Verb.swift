/// The verbs of `swift package`, by the tool's command that each becomes.
enum Verb {
  /// `swift package push-image` for `push`.
  static func typed(_ command: [String]) -> String {
    let names = ["build": "build-image", "push": "push-image", "run": "run-pipeline"]
    return "swift package " + (command.contains("--local") ? "run-local" : names[command.first ?? ""] ?? "")
  }
}
