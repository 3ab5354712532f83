import SematicSystem

/// Writes JSON, in the one way in which it is written here: sorted keys, so that equal values are equal bytes.
package func canonicalJSON(_ value: some Encodable, pretty: Bool = false) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting =
    pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
  return try encoder.encode(value)
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
