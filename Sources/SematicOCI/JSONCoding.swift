import SematicSystem

/// Writes JSON, in the one way in which it is written here: sorted keys, so that equal values are equal bytes.
package func canonicalJSON(_ value: some Encodable, pretty: Bool = false) throws -> Data {
  let encoder = JSONEncoder()
  if pretty {
    // For people: in Foundation's order.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(value)
  }
  encoder.outputFormatting = .withoutEscapingSlashes
  var order = MemberOrder(rest: Array(try encoder.encode(value))[...])
  return Data(order.value())
}

/// Puts the members of JSON objects into the order of their keys' bytes, as they are written.
///
/// Foundation can sort as well, but not everywhere alike: up to macOS 13, `a10` comes after `a2` and `B` after `a`.
struct MemberOrder {
  /// What an encoder wrote: valid, and without blanks.
  var rest: ArraySlice<UInt8>

  mutating func value() -> [UInt8] {
    let start = rest
    switch rest.popFirst() {
    case UInt8(ascii: "{"):
      var members: [(key: [UInt8], value: [UInt8])] = []
      while let next = rest.first, next != UInt8(ascii: "}") {
        if next == UInt8(ascii: ",") { rest.removeFirst() }
        let key = value()
        rest = rest.dropFirst()
        members.append((key, value()))
      }
      rest = rest.dropFirst()
      members.sort { $0.key.dropLast().lexicographicallyPrecedes($1.key.dropLast()) }
      return Self.joined("{", members.map { member in Self.joined("", [member.key, member.value], ":", "") }, ",", "}")
    case UInt8(ascii: "["):
      var elements: [[UInt8]] = []
      while let next = rest.first, next != UInt8(ascii: "]") {
        if next == UInt8(ascii: ",") { rest.removeFirst() }
        elements.append(value())
      }
      rest = rest.dropFirst()
      return Self.joined("[", elements, ",", "]")
    case UInt8(ascii: "\""):
      while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
        if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
      }
    default:
      rest = rest.drop { !",]}".utf8.contains($0) }
    }
    return Array(start[..<rest.startIndex])
  }

  private static func joined(_ start: String, _ parts: [[UInt8]], _ separator: String, _ end: String) -> [UInt8] {
    var bytes = Array(start.utf8)
    bytes += parts.joined(separator: Array(separator.utf8))
    bytes += end.utf8
    return bytes
  }
}

/// Reads JSON, in the one way in which JSON from outside is read here: UTF-8 that is not nested too deeply.
///
/// Decoders recurse: a document of 3 kB, nested 400 times, fills the stack of a thread. Image configurations and manifests
/// are nested 7 times at most.
/// - Throws: `MalformedValue` where it is nested too deeply or not UTF-8, `DecodingError`.
package func decodeJSON<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: Data) throws -> Value {
  try checkNesting(of: bytes)
  return try JSONDecoder().decode(type, from: bytes)
}

/// The limit of objects and arrays in one another.
private let deepestNesting = 32

private func checkNesting(of bytes: Data) throws {
  func malformed(_ expected: String) -> MalformedValue {
    MalformedValue(kind: "JSON document", value: String(decoding: bytes.prefix(80), as: UTF8.self), expected: expected)
  }
  try bytes.withUnsafeBytes { buffer in
    var (depth, isInString, isEscaped) = (0, false, false)
    for byte in buffer {
      if isEscaped {
        isEscaped = false
      } else if isInString {
        if byte == UInt8(ascii: "\\") { isEscaped = true }
        if byte == UInt8(ascii: "\"") { isInString = false }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"):
          depth += 1
          guard depth <= deepestNesting else {
            throw malformed("at most \(deepestNesting) objects and arrays in one another")
          }
        case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
        // The decoder would understand UTF-16 and UTF-32 as well, in which these bytes mean something else.
        case 0: throw malformed("UTF-8")
        default: break
        }
      }
    }
  }
}
