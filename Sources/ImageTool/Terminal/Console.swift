import SematicFiles
import SematicSystem

/// Everything that the tool prints: data on standard output, talk on standard error.
///
/// The only file that prints. Each line is one write, so that lines of several threads never mix; and whatever a line is
/// made of, it stays one line of printable text.
final class Console: Sendable {
  enum Talk: Sendable { case quiet, normal, verbose }

  let talk: Talk
  let host: PluginHost?
  private let status = StatusLine()

  init(talk: Talk, host: PluginHost?) {
    self.talk = talk
    self.host = host
  }

  /// A line of the result, for people and scripts.
  /// - Throws: `OutputError`: a result that nobody gets is a failure.
  func data(_ line: String) throws(OutputError) { try data([line]) }

  func data(_ lines: [String]) throws(OutputError) {
    let isOwn = host == nil || host?.output == 1
    if isOwn, StandardStreams.outputIsClosed { throw OutputError(code: EBADF) }
    if let code = write(lines, to: host?.output ?? 1) { throw OutputError(code: code) }
  }

  /// A document that was stored: byte by byte what it was, but on a terminal, which would obey it.
  func data(document: String) throws(OutputError) {
    let output = host?.output ?? 1
    guard isatty(output) == 0 else { return try data(text: document) }
    if host == nil || output == 1, StandardStreams.outputIsClosed { throw OutputError(code: EBADF) }
    if let code = put(document + "\n", to: output) { throw OutputError(code: code) }
  }

  /// Several lines as one text, such as JSON, in which escapes are what they were.
  func data(text: String) throws(OutputError) {
    try data(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  func say(_ line: String) {
    if talk != .quiet { talk([line]) }
  }

  func detail(_ line: @autoclosure () -> String) {
    if talk == .verbose { talk([line()]) }
  }

  func warn(_ line: String) { talk(["warning: \(line)"]) }

  /// `error:` and, after a blank line, what to do next.
  func fail(_ report: ErrorReport) {
    talk(["error: \(report.message)"] + report.details + (report.hint.map { ["", "hint: \($0)"] } ?? []))
  }

  /// True where a line can be written over.
  var isTerminal: Bool { isatty(errorOutput) == 1 }

  /// A line of a terminal that the next one replaces; nil removes it. Elsewhere, and with `--quiet`, nothing.
  func show(_ line: String?) {
    guard talk != .quiet, isTerminal else { return }
    status.show(line?.printable) { put($0, to: errorOutput) }
  }

  private var errorOutput: CInt { host?.errorOutput ?? 2 }

  /// There is no way left to report talk that cannot be written.
  private func talk(_ lines: [String]) { _ = write(lines, to: errorOutput) }

  /// - Returns: `errno`, if not everything could be written.
  private func write(_ lines: [String], to descriptor: CInt) -> Int32? {
    let text = lines.map { $0.printable + "\n" }.joined()
    return status.interrupted(by: { put(text, to: descriptor) }, erase: { put($0, to: errorOutput) })
  }

  @discardableResult
  private func put(_ text: String, to descriptor: CInt) -> Int32? {
    Array(text.utf8).withUnsafeBytes { POSIX.writeAll(descriptor, $0) ? nil : errno }
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

  func interrupted<Result>(by write: () -> Result, erase: (String) -> Void) -> Result {
    lock.withLock {
      if isShown { erase(Self.erase) }
      isShown = false
      return write()
    }
  }
}
