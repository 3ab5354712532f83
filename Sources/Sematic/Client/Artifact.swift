/// A value on the server, named by its content: its row, and the bytes of the value itself.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/factories.py
struct Artifact: Sendable {
  let identifier: String
  let row: JSON
  let payload: [UInt8]

  init(_ value: PythonValue) {
    let document = JSON.object(["summary": value.summary, "type": value.type.document, "value": value.value])
    identifier = SHA1.hex(Array(Self.quotingNumbers(document.canonical).utf8))
    payload = Array(value.value.canonical.utf8)
    let now = JSON.string(System.now())
    row = .object([
      "id": .string(identifier), "json_summary": Self.quotingNumbers(value.summary),
      "type_serialization": value.type.document, "created_at": now, "updated_at": now,
    ])
  }

  /// What Sematic does so that a browser can read NaN and the infinities, in the text of strings, too: see fix_nan_inf
  /// in https://github.com/sematic-ai/sematic/blob/main/sematic/utils/json.py
  static func quotingNumbers(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "N")) || text.utf8.contains(UInt8(ascii: "I")) else { return text }
    return text.replacing("NaN", with: "\"NaN\"").replacing("Infinity", with: "\"Infinity\"")
      .replacing("-\"Infinity\"", with: "\"-Infinity\"")
  }

  /// The same for a document; only numbers are meant.
  private static func quotingNumbers(_ value: JSON) -> JSON {
    switch value {
    case .number(let text) where text.hasSuffix("N") || text.hasSuffix("y"): .string(text)
    case .array(let elements): .array(elements.map(quotingNumbers))
    case .object(let members): .object(members.mapValues(quotingNumbers))
    default: value
    }
  }
}
