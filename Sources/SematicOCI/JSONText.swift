import SematicSystem

extension JSONValue {
  /// The bytes that `canonicalJSON` makes, for large documents: without Foundation's encoder, which takes ten times as long
  /// in a debug build.
  package var canonicalBytes: Data {
    var text = ""
    write(to: &text)
    return Data(text.utf8)
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      // By their bytes, as they are written.
      let ordered = members.map { (key: Self.quoted($0.key), value: $0.value) }.sorted { strcmp($0.key, $1.key) < 0 }
      for (index, member) in ordered.enumerated() {
        if index > 0 { text += "," }
        text += member.key
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var text = ""
    write(string, to: &text)
    return text
  }

  /// What cannot be in a string as it is; a zero byte ends the search as well.
  private static let escaped = "\"\\" + String(String.UnicodeScalarView((1..<32).compactMap(UnicodeScalar.init)))

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    defer { text += "\"" }
    if strcspn(string, escaped) == string.utf8.count {
      text += string
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{c}": text += "\\f"
      case _ where scalar.value < 32:
        text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
