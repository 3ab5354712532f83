/// The words of a command that starts a shell: `sh -c TEXT NAME ARGUMENT...` or `sh FILE ARGUMENT...`.
struct ShellCommand {
  enum Script: Equatable {
    case text(String)
    case file(String)
  }

  let script: Script?
  /// The words behind the script; of a text, the first is its $0.
  let rest: [String]

  init(_ words: [String]) {
    var words = words.dropFirst()
    var isText = false
    while let option = words.first, option.count > 1, option.hasPrefix("-") || option.hasPrefix("+") {
      words.removeFirst()
      if option == "--" { break }
      guard !option.hasPrefix("--") else { continue }
      if option.hasPrefix("-"), option.contains("c") { isText = true }
      if option.hasSuffix("o") || option.hasSuffix("O") { _ = words.popFirst() }
    }
    script = words.popFirst().map { isText ? .text($0) : .file($0) }
    rest = Array(words)
  }

  static func isShell(_ path: String) -> Bool {
    ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(ImagePath.split(path).name)
  }
}
