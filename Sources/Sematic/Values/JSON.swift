/// A JSON document; numbers keep their text, so that none is changed on the way.
enum JSON: Equatable, Sendable {
  typealias SyntaxError = JSONDocument.SyntaxError

  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSON])
  case object([String: JSON])
  /// A part that is written already, in Python's way.
  case text(JSONText)

  subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  var elements: [JSON]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  var members: [String: JSON]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

  static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }

  /// Reads what Python's `json.dumps` writes, NaN and Infinity included.
  init(parsing bytes: [UInt8]) throws { self = try JSONDocument(bytes, maximalDepth: 256).root.tree }

  /// The text that `json.dumps(value, sort_keys=True)` gives: https://docs.python.org/3/library/json.html
  var canonical: String {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func write(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .number(let text): bytes += text.utf8
    case .string(let text): Self.write(text, to: &bytes)
    case .text(let text): for piece in text.pieces { bytes += piece }
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in Self.sorted(members).enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        Self.write(member.key, to: &bytes)
        bytes += ": ".utf8
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Python sorts by code point; Swift's order of strings is another.
  static func sorted<Value>(_ members: [String: Value]) -> [(key: String, value: Value)] {
    members.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
  }

  static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: bytes += [0x5C, 0x22]
      case 0x5C: bytes += [0x5C, 0x5C]
      case 0x20...0x7E: bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      case 0x08: bytes += [0x5C, UInt8(ascii: "b")]
      case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
      case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
      case 0x0C: bytes += [0x5C, UInt8(ascii: "f")]
      case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
      default: for unit in scalar.utf16 { escape(unit, to: &bytes) }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func escape(_ unit: UInt16, to bytes: inout [UInt8]) {
    bytes += [0x5C, UInt8(ascii: "u")]
    for shift in [12, 8, 4, 0] as [UInt16] {
      let digit = UInt8(truncatingIfNeeded: unit >> shift & 15)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// A number as Python's `repr` writes it: the shortest digits that read back as the same number.
  static func write(_ number: Double, to bytes: inout [UInt8]) {
    // There Swift writes the same.
    if number.magnitude >= 1e-4, number.magnitude < 1e16 { return bytes += number.description.utf8 }
    bytes += pythonText(number).utf8
  }

  private static func pythonText(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    let sign = number.sign == .minus ? "-" : ""
    if number.isZero { return sign + "0.0" }
    // Swift and Python agree on the digits, but not on where the exponent begins.
    let parts = number.magnitude.description.split(separator: "e")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let decimals = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let fraction = decimals.count > 1 && decimals[1] != "0" ? decimals[1] : ""
    let leading = (decimals[0] + fraction).prefix { $0 == "0" }.count
    var digits = String((decimals[0] + fraction).dropFirst(leading))
    /// The value is 0.DIGITS times ten to the power of `point`.
    let point = decimals[0].utf8.count + exponent - leading
    while digits.last == "0", digits.utf8.count > 1 { digits.removeLast() }
    let power = point - 1
    let shown = (abs(power) < 10 ? "0" : "") + String(abs(power))
    let mantissa = digits.utf8.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
    return sign + mantissa + "e" + (power < 0 ? "-" : "+") + shown
  }
}
