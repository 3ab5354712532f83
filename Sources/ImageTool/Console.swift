import FileSystem
import Foundation

/// Everything that the tool says: data on the standard output, talk on the standard error.
///
/// The only file that prints. Each line is one write, so that lines of several threads never mix.
final class Console: Sendable {
  enum Talk: Sendable { case quiet, normal, verbose }

  let talk: Talk
  let host: PluginHost?

  init(talk: Talk, host: PluginHost?) {
    self.talk = talk
    self.host = host
  }

  /// What a script wants to read, and nothing else.
  func data(_ line: String) { write(line, to: host?.output ?? 1) }

  func say(_ line: String) {
    if talk != .quiet { write(line, to: host?.errorOutput ?? 2) }
  }

  func detail(_ line: @autoclosure () -> String) {
    if talk == .verbose { write(line(), to: host?.errorOutput ?? 2) }
  }

  func warn(_ line: String) { write("warning: \(line)", to: host?.errorOutput ?? 2) }

  /// `error:` and, after a blank line, what to do next.
  func fail(_ advice: Failure.Advice) {
    let hint = advice.hint.map { "\n\nhint: \($0)" } ?? ""
    write("error: \(advice.message)\(hint)", to: host?.errorOutput ?? 2)
  }

  /// The parser's text: the mistake, in its own form, and the usage.
  func misuse(_ text: String) {
    write(text.hasPrefix("Error: ") ? "error: " + text.dropFirst("Error: ".count) : text, to: host?.errorOutput ?? 2)
  }

  /// True where a line can be written over.
  var isTerminal: Bool { isatty(host?.errorOutput ?? 2) == 1 }

  private func write(_ line: String, to descriptor: CInt) {
    // Control characters in what a server or a file name said must not reach a terminal.
    let clean =
      line.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 127 }
      ? Self.cleaned(line) : line
    var bytes = Array((clean + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      bytes = bytes.dropFirst(max(0, count))
    }
  }

  private static func cleaned(_ line: String) -> String {
    String(
      String.UnicodeScalarView(
        line.unicodeScalars.map { $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 127 ? "?" : $0 }))
  }
}
