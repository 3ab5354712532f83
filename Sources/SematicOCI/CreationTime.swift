import SematicSystem

/// The time that an image says it was made at.
package struct CreationTime: Hashable, Sendable {
  /// The time as https://www.rfc-editor.org/rfc/rfc3339 writes it, in UTC.
  package let text: String

  /// The start of 1970: the same input gives the same image.
  package static let fixed = CreationTime(text: "1970-01-01T00:00:00Z")

  private init(text: String) { self.text = text }

  /// The time that an image's configuration has; nil where it has none that a time could be.
  init?(_ value: JSONValue?) {
    guard let text = value?.string, text.utf8.count <= 40,
      text.utf8.allSatisfy({ (48...57).contains($0) || "-+:.TZ".utf8.contains($0) })
    else { return nil }
    self.init(text: text)
  }

  /// Reads `SOURCE_DATE_EPOCH`: https://reproducible-builds.org/specs/source-date-epoch/
  /// - Throws: `MalformedValue` for what is no number of seconds, or is beyond the year 9999.
  package init(sourceDateEpoch value: String) throws {
    var parts = tm()
    guard let seconds = Int64(value), (0...253_402_300_799).contains(seconds) else {
      throw MalformedValue(kind: "SOURCE_DATE_EPOCH", value: value, expected: "seconds since 1970, as in 1700000000")
    }
    var time = time_t(seconds)
    gmtime_r(&time, &parts)
    func digits(_ number: CInt, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let date = [digits(parts.tm_year + 1900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2)]
    let clock = [digits(parts.tm_hour, 2), digits(parts.tm_min, 2), digits(parts.tm_sec, 2)]
    text = date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "Z"
  }
}
