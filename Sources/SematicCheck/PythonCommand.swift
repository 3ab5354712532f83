/// The words of a command that starts Python.
///
/// https://docs.python.org/3/using/cmdline.html
struct PythonCommand {
  enum Program: Equatable {
    case module(String)
    case script(String)
    /// Text, or what comes on standard input.
    case code
  }

  /// Nil where the command names none: then Python takes the worker's arguments as its own.
  let program: Program?

  init(_ words: [String]) {
    var words = words.dropFirst()
    while let word = words.popFirst() {
      guard word.hasPrefix("-"), word != "-", word != "--" else {
        program = word == "-" ? .code : (word == "--" ? words.first : word).map { .script($0) }
        return
      }
      guard !word.hasPrefix("--") else { continue }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        func value() -> String? { letters.isEmpty ? words.popFirst() : String(letters) }
        switch letter {
        case "m":
          program = value().map { .module($0) }
          return
        case "c":
          program = value().map { _ in .code }
          return
        case "W", "X":
          _ = value()
          letters = ""
        default: break
        }
      }
    }
    program = nil
  }

  static func isPython(_ path: String) -> Bool { ImagePath.split(path).name.hasPrefix("python") }
}
