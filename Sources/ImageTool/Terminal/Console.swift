import SematicFiles
import SematicSystem

/// Everything that the tool says: data on the standard output, talk on the standard error.
///
/// The only file that prints. Each line is one write, so that lines of several threads never mix.
final class Console: Sendable {
  enum Talk: Sendable { case quiet, normal, verbose }

  let talk: Talk
  let host: PluginHost?
  private let status = StatusLine()

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

  /// A line of a terminal that the next one replaces; nil removes it. Elsewhere, and with `--quiet`, nothing.
  func show(_ line: String?) {
    guard talk != .quiet, isTerminal else { return }
    status.show(line.map(Self.cleaned)) { put($0, to: host?.errorOutput ?? 2) }
  }

  private func write(_ line: String, to descriptor: CInt) {
    // Control characters in what a server or a file name said must not reach a terminal.
    let clean =
      line.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 127 }
      ? Self.cleaned(line) : line
    status.interrupted(by: { put(clean + "\n", to: descriptor) }, erase: { put($0, to: host?.errorOutput ?? 2) })
  }

  private func put(_ text: String, to descriptor: CInt) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { POSIX.write(descriptor, $0) }
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

/// What a terminal shows in its last line while something is on its way.
private final class StatusLine: @unchecked Sendable {  // guarded by the lock
  private let lock = Lock()
  private var isShown = false
  // To the left edge, and erase what is there.
  private static let erase = "\r\u{1B}[K"

  func show(_ line: String?, _ put: (String) -> Void) {
    lock.withLock {
      guard line != nil || isShown else { return }
      put(Self.erase + (line ?? ""))
      isShown = line != nil
    }
  }

  func interrupted(by write: () -> Void, erase: (String) -> Void) {
    lock.withLock {
      if isShown { erase(Self.erase) }
      isShown = false
      write()
    }
  }
}
