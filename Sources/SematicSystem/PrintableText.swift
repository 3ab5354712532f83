extension StringProtocol {
  /// The text on one line, with everything that a terminal does not simply print escaped as in JSON: `\n`, `\u009B`.
  ///
  /// Values from outside may hold what moves the cursor, starts a line that looks like ours, or turns text around.
  package var printable: String {
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isPrintable {
        text.unicodeScalars.append(scalar)
      } else if let name = ["\n": "\\n", "\r": "\\r"][scalar] {
        text += name
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: true)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control: self == "\t"
    // Emoji and some scripts join characters by these two.
    case .format: self == "\u{200C}" || self == "\u{200D}"
    case .lineSeparator, .paragraphSeparator, .surrogate: false
    default: true
    }
  }
}
