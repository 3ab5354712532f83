/// The order of keys.
enum PythonKey {
  /// Numbers by their size, all else by its text. Python's own order is that of its hashes: that of small numbers, and for
  /// all else another in every process.
  static func precedes(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    if let one = number(one), let other = number(other) { return one < other }
    return one.lexicographicallyPrecedes(other)
  }

  private static func number(_ text: [UInt8]) -> Double? {
    guard let first = text.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { return nil }
    return Double(String(decoding: text, as: UTF8.self))
  }
}

extension Dictionary: PythonRepresentable where Key: Encodable, Value: Encodable {
  static func pythonType(in place: ValuePlace) -> PythonType {
    pythonType(PythonValue.type(of: Key.self, in: place), PythonValue.type(of: Value.self, in: place))
  }

  static var parts: [any Any.Type] { [Key.self, Value.self] }

  /// A list of pairs, where Python has no such keys.
  private static func pythonType(_ key: PythonType, _ value: PythonType) -> PythonType {
    key.isHashable ? .dictionary(key, value) : .list(.tuple([key, value]))
  }

  private typealias Item = (key: PythonValue, text: [UInt8], value: PythonValue)

  func represented(in place: ValuePlace) throws -> PythonValue {
    let place = try place.inside(Self.self)
    let items = try map { key, value -> Item in
      let key = try PythonValue.of(key, in: place)
      let text = key.value.bytes
      let name = String(decoding: text, as: UTF8.self)
      return (key, text, try ValueFault.at(name) { try PythonValue.of(value, in: place) })
    }.sorted { PythonKey.precedes($0.text, $1.text) }
    let key = items.first?.key.type ?? PythonValue.type(of: Key.self, in: place)
    let type = Self.pythonType(key, items.first?.value.type ?? PythonValue.type(of: Value.self, in: place))
    let pairs = JSONText.list(items.map { .list([$0.key.value, $0.value.value]) })
    guard key.isHashable else {
      let summary = JSONText.list(items.map { .list([$0.key.summary, $0.value.summary]) })
      return PythonValue(
        type, pairs, summary: .object(["length": .of(.integer(items.count)), "summary": summary]))
    }
    let summaries = items.map { (SHA1.hex($0.key.summary.bytes), JSONText.list([$0.key.summary, $0.value.summary])) }
      .sorted { $0.0 < $1.0 }.map(\.1)
    return PythonValue(
      type, place.isPlain ? plain(items, pairs) : .object(["items": pairs]), summary: .list(summaries))
  }

  /// A mapping where keys are texts, and pairs elsewhere.
  private func plain(_ items: [Item], _ pairs: JSONText) -> JSONText {
    guard Key.self == String.self else { return pairs }
    var text = JSONText("{")
    for (index, item) in items.enumerated() {
      if index > 0 { text.append(", ") }
      text.append(item.key.value)
      text.append(": ")
      text.append(item.value.value)
    }
    text.append("}")
    return text
  }

  static func read(_ node: JSONNode, isPlain: Bool) throws -> [Key: Value] {
    var found: [Key: Value] = [:]
    func value(_ node: JSONNode) throws -> Value {
      try ValueDecoder.read(encodable: Value.self, from: node, isPlain: isPlain)
    }
    let items = isPlain ? nil : node["items"]
    guard let pairs = items ?? (node.isArray ? node : nil) else {
      guard node.isObject, Key.self == String.self else { throw ValueDecoder.mismatch("a dict", node) }
      for (name, member) in node.members {
        if let key = name as? Key { found[key] = try ValueFault.at(name) { try value(member) } }
      }
      return found
    }
    for pair in pairs.elements {
      let parts = Array(pair.elements)
      guard pair.isArray, parts.count == 2 else { throw ValueDecoder.mismatch("a key and its value", pair) }
      let key = try ValueDecoder.read(encodable: Key.self, from: parts[0], isPlain: isPlain)
      found[key] = try ValueFault.at("\(key)") { try value(parts[1]) }
    }
    return found
  }
}
