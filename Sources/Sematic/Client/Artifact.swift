/// A value on the server, named by its content: its row, and the bytes of the value itself.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/factories.py
struct Artifact: Sendable {
  let identifier: String
  let row: JSON
  let payload: JSONText
  /// The value as it would be in a plain mapping, where it is another one, and short.
  private(set) var plainPayload: JSONText?

  init(_ value: PythonValue) {
    var digest = SHA1()
    digest.update("{\"summary\": ")
    Self.add(value.summary, to: &digest)
    digest.update(", \"type\": ")
    Self.add(.of(value.type.document), to: &digest)
    digest.update(", \"value\": ")
    Self.add(value.value, to: &digest)
    digest.update("}")
    identifier = digest.finish()
    payload = value.value
    let now = JSON.string(System.now())
    row = .object([
      "id": .string(identifier), "json_summary": .text(Self.quotingNumbers(value.summary)),
      "type_serialization": value.type.document, "created_at": now, "updated_at": now,
    ])
  }

  /// The artifacts of a function's inputs, by the arguments' names.
  static func arguments(of input: some Encodable & Sendable) async throws -> [String: Artifact] {
    try await BlockingWork.shared.run { _ in try PythonValue.arguments(input).mapValues(Artifact.init) }
  }

  /// The artifact of a function's output.
  static func output(of value: some Encodable & Sendable) async throws -> Artifact {
    try await BlockingWork.shared.run { _ in
      var artifact = Artifact(try PythonValue.top(value))
      if artifact.payload.count < 1 << 16 {
        let plain = try? PythonValue.of(value, in: ValuePlace().plain).value
        if plain != artifact.payload { artifact.plainPayload = plain }
      }
      return artifact
    }
  }

  /// The forms of the value as JSON that are no larger than this.
  func texts(upTo size: Int) -> [[UInt8]] {
    [payload, plainPayload].compactMap { $0 }.filter { $0.count <= size }.map(\.bytes)
  }

  /// Adds a text as Sematic changes it so that a browser can read NaN and the infinities, inside of strings, too:
  /// fix_nan_inf in https://github.com/sematic-ai/sematic/blob/main/sematic/utils/json.py
  private static func add(_ text: JSONText, to digest: inout SHA1) {
    // Numbers and strings are in one piece each.
    for piece in text.pieces {
      piece.withUnsafeBufferPointer { bytes in
        var (start, position) = (0, 0)
        func has(_ word: StaticString) -> Bool {
          bytes.count - position >= word.utf8CodeUnitCount
            && (0..<word.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
        }
        while position < bytes.count {
          let byte = bytes[position]
          guard byte == UInt8(ascii: "N") || byte == UInt8(ascii: "I"), has("NaN") || has("Infinity") else {
            position += 1
            continue
          }
          let isNegative = byte == UInt8(ascii: "I") && position > start && bytes[position - 1] == UInt8(ascii: "-")
          digest.update(UnsafeBufferPointer(rebasing: bytes[start..<position - (isNegative ? 1 : 0)]))
          digest.update(byte == UInt8(ascii: "N") ? "\"NaN\"" : isNegative ? "\"-Infinity\"" : "\"Infinity\"")
          position += byte == UInt8(ascii: "N") ? 3 : 8
          start = position
        }
        digest.update(UnsafeBufferPointer(rebasing: bytes[start...]))
      }
    }
  }

  /// The same for a summary; only numbers are meant.
  private static func quotingNumbers(_ text: JSONText) -> JSONText {
    let isMeant = text.pieces.contains { $0.contains(UInt8(ascii: "N")) || $0.contains(UInt8(ascii: "I")) }
    guard isMeant, let tree = try? JSON(parsing: text.bytes) else { return text }
    return .of(quotingNumbers(tree))
  }

  private static func quotingNumbers(_ value: JSON) -> JSON {
    switch value {
    case .number(let text) where text.hasSuffix("N") || text.hasSuffix("y"): .string(text)
    case .array(let elements): .array(elements.map(quotingNumbers))
    case .object(let members): .object(members.mapValues(quotingNumbers))
    default: value
    }
  }
}
