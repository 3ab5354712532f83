import SematicSystem

/// Header fields: names in any case, several of the same name in their order.
struct ResponseFields: Sendable {
  // More than any registry sends; a server must not be able to fill the memory.
  private static let limit = 256 << 10
  private var fields: [(name: String, value: String)] = []
  private var size = 0

  /// Takes a line `Name: value`; what is none is left out.
  mutating func append(line: Substring) {
    size += line.utf8.count
    guard size <= Self.limit, let colon = line.firstIndex(of: ":") else { return }
    let name = line[..<colon].lowercased()
    let value = line[line.index(after: colon)...].trimmed
    fields.append((name, value))
  }

  subscript(name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }

  func all(_ name: String) -> [String] { fields.filter { $0.name == name.lowercased() }.map(\.value) }

  /// The length of the body; nil where it is missing or not a number.
  var contentLength: Int64? { self["content-length"].flatMap { Int64($0) } }

  /// A note about an encoding that was not requested; else empty.
  ///
  /// The encoding itself is no error: storages label layers, which are gzip files, with it.
  var encodingNote: String {
    guard let encoding = self["content-encoding"], encoding.lowercased() != "identity" else { return "" }
    return "; it was sent with Content-Encoding '\(Diagnostic.trimmed(encoding, limit: 40))', which was not requested"
  }

  /// The seconds that the server asks to wait: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
  var retryAfter: Double? {
    guard let text = self["retry-after"] else { return nil }
    if let seconds = Double(text), seconds.isFinite { return max(0, seconds) }
    return Self.date(text).map { max(0, $0 - Date().timeIntervalSince1970) }
  }

  /// In seconds since 1970: https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats
  private static func date(_ text: String) -> Double? {
    // Sun, 06 Nov 1994 08:49:37 GMT
    guard let match = text.wholeMatch(of: /[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT/)
    else { return nil }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard let month = months.firstIndex(of: String(match.2)), let year = CInt(match.3) else { return nil }
    var time = tm()
    time.tm_year = year - 1900
    time.tm_mon = CInt(month)
    time.tm_mday = CInt(match.1) ?? 1
    time.tm_hour = CInt(match.4) ?? 0
    time.tm_min = CInt(match.5) ?? 0
    time.tm_sec = CInt(match.6) ?? 0
    return Double(timegm(&time))
  }
}
