/// The most that the files of one layer hold together before they are compressed.
package struct LayerSize: SettingValue, CustomStringConvertible {
  package let bytes: Int64

  /// Reads `512 MB` or `2 GB`.
  /// - Throws: `MalformedSetting`.
  init(_ text: String) throws {
    let digits = text.prefix { ("0"..."9").contains($0) }
    let units: [String: Int64] = ["MB": 1_000_000, "GB": 1_000_000_000]
    let unit = units[String(text[digits.endIndex...].drop { $0 == " " })]
    guard let unit, let number = Int64(digits), case let size = number.multipliedReportingOverflow(by: unit),
      number > 0, !size.overflow
    else { throw MalformedSetting("'\(text)' is not a size: write it in MB or GB, as in 512 MB") }
    bytes = size.partialValue
  }

  package var description: String { "\(bytes / 1_000_000) MB" }
}
