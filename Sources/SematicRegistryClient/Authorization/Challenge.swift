/// A challenge that a server sends with 401: https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
struct Challenge: Equatable, Sendable {
  /// The scheme in lower case: `basic`, `bearer`.
  var scheme: String
  /// The parameters by their names in lower case.
  var parameters: [String: String] = [:]

  /// Parses the values of all `WWW-Authenticate` fields.
  ///
  /// Invalid parts are skipped: a server may offer schemes that are unknown here.
  static func parse(_ fields: [String]) -> [Challenge] {
    fields.flatMap { field in
      var scanner = Scanner(field)
      return scanner.challenges()
    }
  }

  private struct Scanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8.prefix(16 << 10)) }

    mutating func challenges() -> [Challenge] {
      var found: [Challenge] = []
      while true {
        skip(",")
        guard at < bytes.count else { return found }
        guard let word = token() else {
          at += 1
          continue
        }
        let afterWord = at
        skip("")
        // `name = value` belongs to the challenge before; a word alone begins the next one.
        if at < bytes.count, bytes[at] == UInt8(ascii: "="), let last = found.indices.last, let value = value() {
          if found[last].parameters[word.lowercased()] == nil { found[last].parameters[word.lowercased()] = value }
        } else {
          at = afterWord
          found.append(Challenge(scheme: word.lowercased()))
        }
      }
    }

    private mutating func skip(_ more: String) {
      while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 || more.utf8.contains(bytes[at]) { at += 1 }
    }

    private mutating func token() -> String? {
      let start = at
      while at < bytes.count, !" \t,=\"".utf8.contains(bytes[at]) { at += 1 }
      return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    /// A value after `=`, with or without quotes.
    private mutating func value() -> String? {
      at += 1
      skip("")
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
        // Some servers omit the quotes, and then a value may hold `=` and `:`.
        let start = at
        while at < bytes.count, !" \t,".utf8.contains(bytes[at]) { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
      }
      at += 1
      var value: [UInt8] = []
      while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
        if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count { at += 1 }
        value.append(bytes[at])
        at += 1
      }
      at = min(at + 1, bytes.count)
      return String(decoding: value, as: UTF8.self)
    }
  }
}
