extension JSON {
  /// Why some bytes are not JSON.
  struct SyntaxError: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads what Python's `json.dumps` writes, NaN and Infinity included.
  init(parsing bytes: [UInt8]) throws {
    self = try bytes.withUnsafeBufferPointer { buffer in
      var parser = Parser(bytes: buffer)
      let value = try parser.value(depth: 0)
      parser.skipSpace()
      guard parser.position == buffer.count else { throw parser.fault("something after the end") }
      return value
    }
  }

  private struct Parser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    func fault(_ what: String) -> SyntaxError { SyntaxError(description: "\(what) at byte \(position)") }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    mutating func take(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard bytes.count - position >= count else { return false }
      for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
      position += count
      return true
    }

    mutating func value(depth: Int) throws -> JSON {
      // The stack is finite, and what comes from outside can be as deep as it likes.
      guard depth < 256 else { throw fault("more than 256 levels") }
      skipSpace()
      switch next {
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "["): return .array(try list(depth, end: UInt8(ascii: "]")) { try $0.value(depth: depth + 1) })
      case UInt8(ascii: "{"):
        let members = try list(depth, end: UInt8(ascii: "}")) { parser in
          parser.skipSpace()
          guard parser.next == UInt8(ascii: "\"") else { throw parser.fault("no name of a member") }
          let name = try parser.string()
          parser.skipSpace()
          guard parser.take(":") else { throw parser.fault("no colon") }
          return (name, try parser.value(depth: depth + 1))
        }
        return .object(Dictionary(members) { $1 })
      default: break
      }
      if take("null") { return .null }
      if take("true") { return .bool(true) }
      if take("false") { return .bool(false) }
      for word in ["NaN", "Infinity", "-Infinity"] as [StaticString] where take(word) { return .number("\(word)") }
      let start = position
      while let byte = next, (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte) { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      guard Double(text) != nil else { throw fault("no value") }
      return .number(text)
    }

    mutating func list<Element>(
      _ depth: Int, end: UInt8, _ element: (inout Parser) throws -> Element
    ) throws -> [Element] {
      position += 1
      skipSpace()
      var elements: [Element] = []
      if next == end {
        position += 1
        return elements
      }
      while true {
        elements.append(try element(&self))
        skipSpace()
        if take(",") { continue }
        guard next == end else { throw fault("no comma or end") }
        position += 1
        return elements
      }
    }

    mutating func string() throws -> String {
      position += 1
      var units: [UInt16]?
      var start = position
      func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
      while let byte = next {
        switch byte {
        case UInt8(ascii: "\""):
          let text = part(start..<position)
          position += 1
          guard let units else { return text }
          return String(decoding: units + text.utf16, as: UTF16.self)
        case UInt8(ascii: "\\"):
          units = (units ?? []) + part(start..<position).utf16
          position += 1
          units?.append(try escape())
          start = position
        default: position += 1
        }
      }
      throw fault("no end of a string")
    }

    mutating func escape() throws -> UInt16 {
      guard let byte = next else { throw fault("no end of a string") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(byte)
      case UInt8(ascii: "b"): return 0x08
      case UInt8(ascii: "t"): return 0x09
      case UInt8(ascii: "n"): return 0x0A
      case UInt8(ascii: "f"): return 0x0C
      case UInt8(ascii: "r"): return 0x0D
      case UInt8(ascii: "u"):
        guard bytes.count - position >= 4 else { throw fault("no four digits") }
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard let unit = UInt16(digits, radix: 16) else { throw fault("no four digits") }
        position += 4
        return unit
      default: throw fault("an unknown escape")
      }
    }
  }
}
