/// Bytes as Sematic's Python client writes them: pickled, and in Base64.
///
/// What is a collection of bytes and no array, as Foundation's `Data` is. https://docs.python.org/3/library/pickletools.html
enum PythonBytes {
  /// Opcodes of the pickle protocol.
  private enum Opcode {
    static let proto: UInt8 = 0x80
    static let frame: UInt8 = 0x95
    static let shortBytes = UInt8(ascii: "C")
    static let bytes = UInt8(ascii: "B")
    static let bytes8: UInt8 = 0x8E
    static let memoize: UInt8 = 0x94
    static let put = UInt8(ascii: "q")
    static let stop = UInt8(ascii: ".")
  }

  /// Python would show all of them, in up to four characters each.
  private static let maximalSummary = 1 << 12

  static func represented(_ bytes: some RangeReplaceableCollection<UInt8>, in place: ValuePlace) -> PythonValue {
    var summary = ""
    for byte in bytes.prefix(maximalSummary) { summary += shown(byte) }
    if bytes.count > maximalSummary { summary += "..." }
    let value = JSONText.of { text in
      text.append(UInt8(ascii: "\""))
      let pickled = place.isPlain ? [] : header(bytes.count)
      var writer = Base64Writer(text, capacity: pickled.count + bytes.count + 2)
      writer.append(pickled)
      if bytes.withContiguousStorageIfAvailable({ writer.append($0) }) == nil { writer.append(bytes) }
      if !place.isPlain { writer.append([Opcode.memoize, Opcode.stop]) }
      text = writer.finish()
      text.append(UInt8(ascii: "\""))
    }
    let quote = summary.contains("'") && !summary.contains("\"") ? "\"" : "'"
    let text = "b" + quote + (quote == "'" ? summary.replacing("'", with: "\\'") : summary) + quote
    return PythonValue(
      .bytes, place.isPlain ? value : .object(["pickle": value]),
      summary: .object(["repr": .of { JSON.write(text, to: &$0) }]))
  }

  /// As Python's `repr` shows a byte.
  private static func shown(_ byte: UInt8) -> String {
    switch byte {
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0x5C: return "\\\\"
    case 0x20...0x7E: return String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16)
      return "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
  }

  /// What comes before the bytes: as Python's pickler of protocol 5 has it.
  private static func header(_ count: Int) -> [UInt8] {
    func little(_ number: Int, _ width: Int) -> [UInt8] {
      (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let opcode =
      count < 256
      ? [Opcode.shortBytes] + little(count, 1)
      : count <= UInt32.max ? [Opcode.bytes] + little(count, 4) : [Opcode.bytes8] + little(count, 8)
    let start: [UInt8] = [Opcode.proto, 5]
    // Large ones stand outside of a frame.
    if count >= 1 << 16 { return start + opcode }
    return start + [Opcode.frame] + little(opcode.count + count + 2, 8) + opcode
  }

  static func read(_ node: JSONNode, isPlain: Bool) throws -> [UInt8] {
    if node.isArray { return try [UInt8].read(node, isPlain: true) }
    let text = isPlain || node.isString ? node : node["pickle"]
    guard let bytes = text?.withPlainString(Base64Writer.decoded) ?? nil else {
      throw ValueDecoder.mismatch("bytes", node)
    }
    return node.isString ? bytes : try unpickled(bytes, node)
  }

  static func make<Bytes: RangeReplaceableCollection<UInt8>>(_ type: Bytes.Type, _ bytes: [UInt8]) -> Bytes {
    Bytes(bytes)
  }

  /// The bytes of a pickle that is nothing else.
  private static func unpickled(_ pickle: [UInt8], _ node: JSONNode) throws -> [UInt8] {
    var position = 0
    func fault() -> ValueFault { ValueDecoder.mismatch("pickled bytes", node) }
    func take(_ width: Int) throws -> Int {
      guard pickle.count - position >= width, width <= 8 else { throw fault() }
      var number: UInt64 = 0
      for index in (0..<width).reversed() { number = number << 8 | UInt64(pickle[position + index]) }
      position += width
      return Int(clamping: number)
    }
    var found: Range<Int>?
    while position < pickle.count {
      let opcode = try take(1)
      switch UInt8(opcode) {
      case Opcode.proto, Opcode.put: _ = try take(1)
      case Opcode.frame: _ = try take(8)
      case Opcode.memoize: break
      case Opcode.stop:
        guard let found, position == pickle.count else { throw fault() }
        return Array(pickle[found])
      case Opcode.shortBytes, Opcode.bytes, Opcode.bytes8:
        let count = try take(opcode == Int(Opcode.shortBytes) ? 1 : opcode == Int(Opcode.bytes) ? 4 : 8)
        guard count <= pickle.count - position, found == nil else { throw fault() }
        found = position..<position + count
        position += count
      default: throw fault()
      }
    }
    throw fault()
  }
}

/// Base64 in parts: https://www.rfc-editor.org/rfc/rfc4648#section-4
struct Base64Writer {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  private var text: [UInt8]
  private var held: UInt32 = 0
  private var heldCount = 0

  init(_ text: [UInt8], capacity: Int) {
    self.text = text
    self.text.reserveCapacity(text.count + capacity / 3 * 4 + 8)
  }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    Self.alphabet.withUnsafeBufferPointer { alphabet in
      for byte in bytes {
        held = held << 8 | UInt32(byte)
        heldCount += 1
        guard heldCount == 3 else { continue }
        for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(held >> shift & 63)]) }
        (held, heldCount) = (0, 0)
      }
    }
  }

  mutating func finish() -> [UInt8] {
    if heldCount > 0 {
      let padded = held << UInt32(8 * (3 - heldCount))
      for index in 0..<4 {
        text.append(
          index <= heldCount ? Self.alphabet[Int(padded >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
      }
    }
    return text
  }

  static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (held, heldCount): (UInt32, Int) = (0, 0)
    for character in text.dropLast(padding) {
      let value = values[Int(character)]
      guard value < 64 else { return nil }
      held = held << 6 | UInt32(value)
      heldCount += 1
      guard heldCount == 4 else { continue }
      for shift in [16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: held >> shift)) }
      (held, heldCount) = (0, 0)
    }
    let padded = held << UInt32(6 * (4 - heldCount))
    if heldCount > 1 { bytes.append(UInt8(truncatingIfNeeded: padded >> 16)) }
    if heldCount > 2 { bytes.append(UInt8(truncatingIfNeeded: padded >> 8)) }
    return bytes
  }
}
