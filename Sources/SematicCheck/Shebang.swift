/// The first line of a script, which names the program that the kernel starts for it.
///
/// https://man7.org/linux/man-pages/man2/execve.2.html
struct Shebang: Equatable {
  /// With the carriage return of a line that Windows wrote: the kernel takes it for a part of the name.
  let interpreter: String
  /// Everything that follows, as one word.
  let argument: String?

  /// What the kernel reads of a file to know its kind, in bytes: BINPRM_BUF_SIZE.
  private static let limit = 256

  /// Nil where the file is no script.
  init?(_ text: String) {
    // By bytes: in Swift's characters, a line feed can be a part of another one.
    let line = text.utf8.prefix(Self.limit).prefix { $0 != UInt8(ascii: "\n") }
    guard line.starts(with: "#!".utf8) else { return nil }
    let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    let rest = line.dropFirst(2).drop(while: isSpace)
    let name = rest.prefix { !isSpace($0) }
    var end = Array(rest.dropFirst(name.count).drop(while: isSpace))
    while end.last.map(isSpace) == true { end.removeLast() }
    // A name that is cut off is none.
    guard !name.isEmpty, name.endIndex < line.endIndex || line.count < Self.limit else { return nil }
    interpreter = String(decoding: name, as: UTF8.self)
    argument = end.isEmpty ? nil : String(decoding: end, as: UTF8.self)
  }

  var isFromWindows: Bool { (argument ?? interpreter).utf8.last == UInt8(ascii: "\r") }

  /// The program that `env` looks for on PATH; nil where the interpreter is another one.
  var wanted: String? {
    guard ImagePath.split(interpreter).name == "env", let argument else { return nil }
    var words = [argument]
    for option in ["-S", "--split-string="] where argument.hasPrefix(option) {
      words = argument.dropFirst(option.count).split { $0 == " " || $0 == "\t" }.map(String.init)
    }
    return words.first { !$0.contains("=") && !$0.hasPrefix("-") }
  }

  var isShell: Bool { ShellCommand.isShell((wanted ?? interpreter).replacing("\r", with: "")) }
}
