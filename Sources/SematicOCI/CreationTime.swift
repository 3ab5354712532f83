import SematicSystem

/// The time that an image, or a document beside it, says it was made at: whole seconds.
package struct CreationTime: Equatable, Comparable, Sendable {
  /// The time as https://www.rfc-editor.org/rfc/rfc3339 writes it, in UTC: `2024-02-29T12:00:00Z`.
  package let text: String

  /// The start of 1970: the same input gives the same image.
  package static let fixed = CreationTime(text: "1970-01-01T00:00:00Z")

  private init(text: String) { self.text = text }

  /// Reads a time of RFC 3339, such as `2024-02-29T12:00:00.5+01:00`; nil for anything else, and before 1970.
  package init?(_ text: String) {
    func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    func matches(_ bytes: ArraySlice<UInt8>, _ shape: String) -> Bool {
      bytes.count == shape.utf8.count && zip(bytes, shape.utf8).allSatisfy { $1 == 48 ? isDigit($0) : $0 == $1 }
    }
    func number(_ bytes: ArraySlice<UInt8>, _ place: Int, _ count: Int = 2) -> CInt {
      bytes.dropFirst(place).prefix(count).reduce(0) { $0 * 10 + CInt($1) - 48 }
    }
    let bytes = Array(text.utf8.prefix(60))
    let (time, rest) = (bytes.prefix(19), bytes.dropFirst(19))
    let zone = rest.first == UInt8(ascii: ".") ? rest.dropFirst().drop(while: isDigit) : rest
    let (isUTC, isEast) = (matches(zone, "Z"), matches(zone, "+00:00"))
    guard matches(time, "0000-00-00T00:00:00"), isUTC || isEast || matches(zone, "-00:00") else { return nil }
    var parts = tm()
    parts.tm_year = number(time, 0, 4) - 1900
    parts.tm_mon = number(time, 5) - 1
    parts.tm_mday = number(time, 8)
    parts.tm_hour = number(time, 11)
    parts.tm_min = number(time, 14)
    parts.tm_sec = number(time, 17)
    let seconds = Int64(timegm(&parts))
    // The 30th of February is another day.
    guard let local = Self(seconds: seconds), local.text.utf8.dropLast().elementsEqual(time) else { return nil }
    let offset = isUTC ? 0 : Int64(number(zone, 1) * 60 + number(zone, 4)) * 60
    self.init(seconds: isEast ? seconds - offset : seconds + offset)
  }

  package static func < (left: CreationTime, right: CreationTime) -> Bool { left.text < right.text }

  /// Reads `SOURCE_DATE_EPOCH`: https://reproducible-builds.org/specs/source-date-epoch/
  /// - Throws: `MalformedValue` for what is no number of seconds, or is beyond the year 9999.
  package init(sourceDateEpoch value: String) throws {
    guard let time = Int64(value).flatMap(Self.init(seconds:)) else {
      throw MalformedValue(kind: "SOURCE_DATE_EPOCH", value: value, expected: "seconds since 1970, as in 1700000000")
    }
    self = time
  }

  private init?(seconds: Int64) {
    guard (0...253_402_300_799).contains(seconds) else { return nil }
    var (time, parts) = (time_t(seconds), tm())
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
