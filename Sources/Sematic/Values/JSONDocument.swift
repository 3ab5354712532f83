/// A JSON text that was checked, with the ends of its containers: 8 bytes for each, and no copy of the text.
final class JSONDocument: Sendable {
  /// Why some bytes are not JSON.
  struct SyntaxError: Error, CustomStringConvertible {
    let description: String
  }

  /// An array or object, in the order of their beginnings.
  fileprivate struct Container {
    /// The place after the last byte.
    var end: UInt32 = 0
    /// The number of the first container after this one and all that it contains.
    var next: UInt32 = 0
  }

  let bytes: [UInt8]
  fileprivate let containers: [Container]
  private let start: Int

  /// - Parameter maximalDepth: how deep containers may be nested: by default as deep as Python's reader can follow.
  init(_ bytes: [UInt8], maximalDepth: Int = 990) throws {
    guard bytes.count < UInt32.max else { throw SyntaxError(description: "more than 4 GB") }
    self.bytes = bytes
    (containers, start) = try bytes.withUnsafeBufferPointer { buffer in
      var scanner = Scanner(bytes: buffer, maximalDepth: maximalDepth)
      let start = try scanner.document()
      return (scanner.containers, start)
    }
  }

  var root: JSONNode { JSONNode(document: self, start: start, container: 0) }

  /// One pass over the text, without recursion: the stack is finite, and texts can be nested as they like.
  private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let maximalDepth: Int
    var position = 0
    var containers: [Container] = []

    init(bytes: UnsafeBufferPointer<UInt8>, maximalDepth: Int) {
      self.bytes = bytes
      self.maximalDepth = maximalDepth
    }

    private func fault(_ what: String) -> SyntaxError { SyntaxError(description: "\(what) at byte \(position)") }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
      while position < bytes.count, bytes[position] == 0x20 || (0x09...0x0D).contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard bytes.count - position >= count else { return false }
      for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
      position += count
      return true
    }

    /// - Returns: the place of the first byte of the value.
    mutating func document() throws -> Int {
      /// The containers that are open, each with whether it is an object.
      var open: [(container: Int, isObject: Bool)] = []
      skipSpace()
      let start = position
      repeat {
        skipSpace()
        if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
          guard open.count < maximalDepth else { throw fault("more than \(maximalDepth) levels") }
          let isObject = byte == UInt8(ascii: "{")
          position += 1
          open.append((containers.count, isObject))
          containers.append(Container())
          skipSpace()
          if byte != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
            if isObject { try name() }
            continue
          }
        } else {
          try scalar()
        }
        try closeContainers(&open)
      } while !open.isEmpty
      skipSpace()
      guard position == bytes.count else { throw fault("something after the end") }
      return start
    }

    /// After a value: to the next one of its container, or to the end of that and of those around it.
    private mutating func closeContainers(_ open: inout [(container: Int, isObject: Bool)]) throws {
      while let (container, isObject) = open.last {
        skipSpace()
        if byte == UInt8(ascii: ",") {
          position += 1
          if isObject { try name() }
          return
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw fault("no comma or end") }
        position += 1
        containers[container] = Container(end: UInt32(position), next: UInt32(containers.count))
        open.removeLast()
      }
    }

    private mutating func name() throws {
      skipSpace()
      guard byte == UInt8(ascii: "\"") else { throw fault("no name of a member") }
      try string()
      skipSpace()
      guard take(":") else { throw fault("no colon") }
    }

    private mutating func scalar() throws {
      if byte == UInt8(ascii: "\"") { return try string() }
      if take("null") || take("true") || take("false") || take("NaN") || take("Infinity") || take("-Infinity") {
        return
      }
      try number()
    }

    private mutating func number() throws {
      func digits() -> Bool {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position > start
      }
      if byte == UInt8(ascii: "-") { position += 1 }
      guard digits() else { throw fault("no value") }
      if byte == UInt8(ascii: ".") {
        position += 1
        guard digits() else { throw fault("no digits") }
      }
      if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
        position += 1
        if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
        guard digits() else { throw fault("no digits") }
      }
    }

    private mutating func string() throws {
      position += 1
      while let byte {
        position += 1
        if byte == UInt8(ascii: "\"") { return }
        guard byte == UInt8(ascii: "\\") else { continue }
        guard let escaped = self.byte else { break }
        position += 1
        if escaped == UInt8(ascii: "u") {
          guard bytes.count - position >= 4, JSONNode.unit(bytes, position) != nil else {
            throw fault("no four digits")
          }
          position += 4
        } else if JSONNode.escapes[escaped] == nil {
          throw fault("an unknown escape")
        }
      }
      throw fault("no end of a string")
    }
  }
}

/// A value of a document.
struct JSONNode: Sendable {
  private let document: JSONDocument
  private let start: Int
  /// The number of the first container at this place or after it.
  private let container: Int

  fileprivate init(document: JSONDocument, start: Int, container: Int) {
    self.document = document
    self.start = start
    self.container = container
  }

  private var first: UInt8 { document.bytes[start] }

  var isNull: Bool { first == UInt8(ascii: "n") }
  var isArray: Bool { first == UInt8(ascii: "[") }
  var isObject: Bool { first == UInt8(ascii: "{") }
  var isString: Bool { first == UInt8(ascii: "\"") }

  var bool: Bool? { first == UInt8(ascii: "t") ? true : first == UInt8(ascii: "f") ? false : nil }

  /// The text of a number, NaN and the infinities included.
  var number: String? {
    guard (0x30...0x39).contains(first) || [UInt8(ascii: "-"), UInt8(ascii: "N"), UInt8(ascii: "I")].contains(first)
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  var string: String? {
    guard isString else { return nil }
    return document.bytes.withUnsafeBufferPointer { bytes in
      let start = start + 1
      guard let end = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
        return nil
      }
      if bytes[end] == UInt8(ascii: "\"") { return String(decoding: bytes[start..<end], as: UTF8.self) }
      return Self.unescaped(bytes, from: start)
    }
  }

  /// The bytes of a string without escapes.
  func withPlainString<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result? {
    guard isString else { return nil }
    return try document.bytes.withUnsafeBufferPointer { bytes in
      let start = start + 1
      guard let end = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }),
        bytes[end] == UInt8(ascii: "\"")
      else { return nil }
      return try body(UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }
  }

  fileprivate static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
    UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "r"): 0x0D,
  ]

  /// The number that four digits stand for.
  fileprivate static func unit(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt16? {
    var unit: UInt16 = 0
    for byte in bytes[start..<start + 4] {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  private static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> String {
    var (text, position) = ([UInt8](), start)
    var units: [UInt16] = []
    func flush() {
      // Halves of characters follow each other.
      if !units.isEmpty { text += String(decoding: units, as: UTF16.self).utf8 }
      units = []
    }
    while bytes[position] != UInt8(ascii: "\"") {
      guard bytes[position] == UInt8(ascii: "\\") else {
        if !units.isEmpty { flush() }
        text.append(bytes[position])
        position += 1
        continue
      }
      let escaped = bytes[position + 1]
      if escaped == UInt8(ascii: "u") {
        units.append(unit(bytes, position + 2) ?? 0xFFFD)
        position += 6
      } else {
        flush()
        text.append(escapes[escaped] ?? escaped)
        position += 2
      }
    }
    flush()
    return String(decoding: text, as: UTF8.self)
  }

  private var isContainer: Bool { isArray || isObject }

  /// The place after the value's last byte.
  private var end: Int {
    if isContainer { return Int(document.containers[container].end) }
    return document.bytes.withUnsafeBufferPointer { bytes in
      var position = start + 1
      guard isString else {
        while position < bytes.count, !Self.endsNumber(bytes[position]) { position += 1 }
        return position
      }
      while bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
      return position + 1
    }
  }

  private static func endsNumber(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
  }

  /// The text of the value.
  var text: ArraySlice<UInt8> { document.bytes[start..<end] }

  /// The parts of a container, one after the other: of an object the names, too.
  private var parts: some Sequence<JSONNode> {
    let document = document
    let limit = isContainer ? end - 1 : start
    return sequence(state: (start + 1, container + 1)) { state -> JSONNode? in
      // Spaces, commas and colons are all that stands between.
      while state.0 < limit, document.bytes[state.0] <= 0x20 || [0x2C, 0x3A].contains(document.bytes[state.0]) {
        state.0 += 1
      }
      guard state.0 < limit else { return nil }
      let node = JSONNode(document: document, start: state.0, container: state.1)
      state.0 = node.end
      if node.isContainer { state.1 = Int(document.containers[node.container].next) }
      return node
    }
  }

  /// The elements of an array, one after the other.
  var elements: some Sequence<JSONNode> { parts.prefix(isArray ? .max : 0) }

  /// All values in this one, from the outside; those inside of a value where `body` says so.
  func forEachValue(_ body: (JSONNode) -> Bool) {
    guard body(self) else { return }
    for (index, part) in parts.enumerated() where isArray || index % 2 == 1 { part.forEachValue(body) }
  }

  /// The members of an object; of equal names the last one counts.
  var members: [String: JSONNode] { Dictionary(firstMembers(.max).map { ($0.name, $0.node) }) { $1 } }

  /// The first members of an object, no more than `limit`, in their order.
  func firstMembers(_ limit: Int) -> [(name: String, node: JSONNode)] {
    guard isObject else { return [] }
    var found: [(name: String, node: JSONNode)] = []
    var name: String?
    for part in parts {
      if let key = name {
        found.append((key, part))
        if found.count == limit { break }
        name = nil
      } else {
        name = part.string
      }
    }
    return found
  }

  subscript(_ name: String) -> JSONNode? { members[name] }

  /// The value as a document of its own, for what is small.
  var tree: JSON {
    if isArray { return .array(elements.map(\.tree)) }
    if isObject { return .object(members.mapValues(\.tree)) }
    if let string { return .string(string) }
    if let bool { return .bool(bool) }
    return number.map(JSON.number) ?? .null
  }

  /// The beginning of the value's text, for messages.
  var excerpt: String {
    let text = text.prefix(81)
    return String(decoding: text.prefix(80), as: UTF8.self) + (text.count > 80 ? "..." : "")
  }
}
