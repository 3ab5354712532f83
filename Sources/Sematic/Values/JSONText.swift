/// A text of JSON in pieces, so that large ones grow without being copied.
struct JSONText: Equatable, Sendable {
  private(set) var pieces: [[UInt8]] = []
  private(set) var count = 0

  /// A piece that is this large gets no more.
  private static let pieceSize = 1 << 20

  init() {}

  init(_ text: StaticString) { append(text) }

  init(_ bytes: [UInt8]) { (pieces, count) = ([bytes], bytes.count) }

  var isList: Bool { pieces.first?.first == UInt8(ascii: "[") }

  /// The same in one piece.
  var bytes: [UInt8] { pieces.count == 1 ? pieces[0] : Array(pieces.joined()) }

  /// Appends through `write`, which must not remove anything.
  mutating func append(_ write: (inout [UInt8]) -> Void) {
    if pieces.last.map({ $0.count >= Self.pieceSize }) ?? true { pieces.append([]) }
    let last = pieces.count - 1
    count -= pieces[last].count
    write(&pieces[last])
    count += pieces[last].count
  }

  mutating func append(_ text: StaticString) {
    append { $0.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }
  }

  mutating func append(_ other: JSONText) {
    if other.count < Self.pieceSize / 8 {
      append { bytes in for piece in other.pieces { bytes += piece } }
    } else {
      pieces += other.pieces
      count += other.count
    }
  }

  mutating func append(_ value: JSON) { append { value.write(to: &$0) } }

  /// A text of its own for a value.
  static func of(_ write: (inout [UInt8]) -> Void) -> JSONText {
    var text = JSONText()
    text.append(write)
    return text
  }

  static func of(_ value: JSON) -> JSONText { of { value.write(to: &$0) } }

  static func list(_ elements: some Sequence<JSONText>) -> JSONText {
    var text = JSONText("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(", ") }
      text.append(element)
    }
    text.append("]")
    return text
  }

  /// An object, whose members are sorted as Python sorts them.
  static func object(_ members: [String: JSONText]) -> JSONText {
    var text = JSONText("{")
    for (index, member) in JSON.sorted(members).enumerated() {
      if index > 0 { text.append(", ") }
      text.append { JSON.write(member.key, to: &$0) }
      text.append(": ")
      text.append(member.value)
    }
    text.append("}")
    return text
  }
}
