/// A shell script, as far as its text tells what becomes of its arguments.
struct ShellScript {
  private struct SimpleCommand {
    /// As they are written, with their quotes.
    var words: [String]
    /// Whether it is behind `&&`, `||` or `|`.
    var isConditional: Bool
  }

  private let commands: [SimpleCommand]
  private let isNested: Bool
  private let hasFunction: Bool
  private let endsEarly: Bool

  init(_ text: String) {
    commands = Self.commands(of: text)
    var (depth, isUnbalanced, endsEarly, hasFunction) = (0, false, false, false)
    for (index, command) in commands.enumerated() {
      let isLast = index == commands.count - 1
      var isKeyword = true
      for word in command.words where isKeyword {
        switch word {
        case "if", "case", "for", "while", "until", "{", "(": depth += 1
        case "fi", "esac", "done", "}", ")": depth -= 1
        case "then", "do", "else", "elif", "!": break
        default: isKeyword = word.hasSuffix("()")
        }
        if word.hasSuffix("()") || word == "function" { hasFunction = true }
      }
      if isLast { isUnbalanced = depth != 0 }
      if !isLast, depth == 0, !command.isConditional, ["exec", "exit"].contains(command.words[0]) { endsEarly = true }
    }
    isNested = isUnbalanced
    self.hasFunction = hasFunction
    self.endsEarly = endsEarly
  }

  enum Arguments: Equatable {
    /// All of them go to the last command, as they came.
    case passed
    /// The script uses none of them.
    case dropped
    /// It uses them, but only running it would tell for what.
    case unknown
  }

  var arguments: Arguments {
    let words = commands.flatMap(\.words)
    guard words.contains(where: { Self.uses($0, Self.parameters) }) else {
      // A script that is read with `.` sees the arguments, too.
      let others = [".", "source", "shift", "getopts", "eval"]
      let isOpen = commands.contains { others.contains($0.words[0]) } || words.contains { Self.uses($0, Self.digits) }
      return isOpen ? .unknown : .dropped
    }
    guard let command = commands.last, case let last = command.words, last.contains(where: Self.isWhole),
      !command.isConditional, !isNested, !endsEarly,
      !commands.contains(where: { ["shift", "eval"].contains($0.words[0]) || $0.words.starts(with: ["set", "--"]) }),
      !words.contains(where: { $0.contains("<<") })
    else { return .unknown }
    let isStart = last[0] == "exec" || last.contains { $0.contains("sematic") || $0.contains("python") }
    return isStart && !(hasFunction && last[0] != "exec") ? .passed : .unknown
  }

  /// Whether the script ends by starting its own arguments: `exec "$@"`.
  var isWrapper: Bool {
    guard arguments == .passed, let last = commands.last?.words else { return false }
    return last.count == 2 && last[0] == "exec"
  }

  /// Whether it hands on $0 as the first argument, as a text behind `sh -c` may.
  var passesZero: Bool {
    guard let last = commands.last?.words, let index = last.firstIndex(where: Self.isWhole), index > 0 else {
      return false
    }
    return ["\"$0\"", "\"${0}\"", "$0"].contains(last[index - 1])
  }

  private static func isWhole(_ word: String) -> Bool {
    ["\"$@\"", "\"${@}\"", "${1+\"$@\"}", "${1:+\"$@\"}"].contains(word)
  }

  private static let parameters = ["$@", "${@", "$*", "${*"]
  private static let digits = (1...9).flatMap { ["$\($0)", "${\($0)"] }

  /// Whether a word uses one of these parameters outside single quotes.
  private static func uses(_ word: String, _ parameters: [String]) -> Bool {
    var isSingle = false
    var isDouble = false
    var rest = Substring(word)
    while let character = rest.first {
      if !isSingle, parameters.contains(where: rest.hasPrefix) { return true }
      if character == "\\", !isSingle { rest.removeFirst() }
      if character == "'", !isDouble { isSingle.toggle() }
      if character == "\"", !isSingle { isDouble.toggle() }
      rest = rest.dropFirst()
    }
    return false
  }

  private static func commands(of text: String) -> [SimpleCommand] {
    var commands: [SimpleCommand] = []
    var command = SimpleCommand(words: [], isConditional: false)
    var word: [UInt8] = []
    var quote: UInt8?
    var isComment = false
    var bytes = text.utf8.makeIterator()
    func endWord() {
      if !word.isEmpty { command.words.append(String(decoding: word, as: UTF8.self)) }
      word = []
    }
    func endCommand(_ separator: UInt8) {
      endWord()
      if !command.words.isEmpty { commands.append(command) }
      let isConditional = separator == UInt8(ascii: "|") || separator == UInt8(ascii: "&")
      command = SimpleCommand(words: [], isConditional: isConditional)
    }
    while let byte = bytes.next() {
      if isComment, byte != UInt8(ascii: "\n") { continue }
      isComment = false
      if let open = quote {
        word.append(byte)
        if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") { bytes.next().map { word.append($0) } }
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "\\"):
        // A line that goes on in the next one, or an escaped character.
        if let next = bytes.next(), next != UInt8(ascii: "\n") { word += [byte, next] }
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        word.append(byte)
        quote = byte
      case UInt8(ascii: "#") where word.isEmpty: isComment = true
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): endWord()
      // `2>&1` is one word.
      case UInt8(ascii: "&") where word.last == UInt8(ascii: ">"): word.append(byte)
      case UInt8(ascii: "\n"), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"): endCommand(byte)
      default: word.append(byte)
      }
    }
    endCommand(UInt8(ascii: "\n"))
    return commands
  }
}
