extension Bool: PythonRepresentable {
  static func pythonType(in path: [any Any.Type]) -> PythonType { .bool }
  func represented(in path: [any Any.Type]) -> PythonValue { PythonValue(.bool, .bool(self)) }
  static func read(_ value: JSON) throws -> Bool {
    guard case .bool(let read) = value else { throw ValueDecoder.mismatch("a bool", value) }
    return read
  }
}

extension String: PythonRepresentable {
  static func pythonType(in path: [any Any.Type]) -> PythonType { .text }
  func represented(in path: [any Any.Type]) -> PythonValue { PythonValue(.text, .string(self)) }
  static func read(_ value: JSON) throws -> String {
    guard case .string(let read) = value else { throw ValueDecoder.mismatch("a str", value) }
    return read
  }
}

extension PythonRepresentable where Self: FixedWidthInteger {
  static func pythonType(in path: [any Any.Type]) -> PythonType { .integer }
  func represented(in path: [any Any.Type]) -> PythonValue { PythonValue(.integer, .integer(self)) }
  static func read(_ value: JSON) throws -> Self {
    guard case .number(let text) = value, let read = Self(text) else {
      throw ValueDecoder.mismatch("\(Self.self)", value)
    }
    return read
  }
}

extension Int: PythonRepresentable {}
extension Int8: PythonRepresentable {}
extension Int16: PythonRepresentable {}
extension Int32: PythonRepresentable {}
extension Int64: PythonRepresentable {}
extension UInt: PythonRepresentable {}
extension UInt8: PythonRepresentable {}
extension UInt16: PythonRepresentable {}
extension UInt32: PythonRepresentable {}
extension UInt64: PythonRepresentable {}

extension Double: PythonRepresentable {
  static func pythonType(in path: [any Any.Type]) -> PythonType { .float }
  func represented(in path: [any Any.Type]) -> PythonValue { PythonValue(.float, .float(self)) }
  static func read(_ value: JSON) throws -> Double {
    guard case .number(let text) = value, let read = Double(text) else { throw ValueDecoder.mismatch("a float", value) }
    return read
  }
}

extension Float: PythonRepresentable {
  static func pythonType(in path: [any Any.Type]) -> PythonType { .float }
  func represented(in path: [any Any.Type]) -> PythonValue { PythonValue(.float, .float(Double(self))) }
  static func read(_ value: JSON) throws -> Float { Float(try Double.read(value)) }
}

extension Array: PythonRepresentable where Element: Encodable {
  // Of the list, not of an element: see _list_to_json_encodable_summary in Sematic's types/types/list.py.
  private static var maximalSummary: Int { 1 << 17 }

  static func pythonType(in path: [any Any.Type]) throws -> PythonType {
    .list(try PythonValue.type(of: Element.self, in: path))
  }

  func represented(in path: [any Any.Type]) throws -> PythonValue {
    let elements = try map { try PythonValue.of($0, in: path) }
    let type = try elements.first?.type ?? PythonValue.type(of: Element.self, in: path)
    var summary: [JSON] = elements.map(\.summary)
    var buffer: [UInt8] = []
    let longest =
      summary.lazy.map { element in
        buffer.removeAll(keepingCapacity: true)
        element.write(to: &buffer)
        return buffer.count + 2
      }.max() ?? 1
    summary.removeLast(Swift.max(0, summary.count - Swift.max(1, Self.maximalSummary / longest)))
    return PythonValue(
      .list(type), .array(elements.map(\.value)),
      summary: .object(["length": .integer(count), "summary": .array(summary)]))
  }

  static func read(_ value: JSON) throws -> [Element] {
    guard let elements = value.elements else { throw ValueDecoder.mismatch("a list", value) }
    return try elements.map { try ValueDecoder.read(encodable: Element.self, from: $0) }
  }
}

extension Dictionary: PythonRepresentable where Key: Encodable, Value: Encodable {
  static func pythonType(in path: [any Any.Type]) throws -> PythonType {
    .dictionary(try PythonValue.type(of: Key.self, in: path), try PythonValue.type(of: Value.self, in: path))
  }

  func represented(in path: [any Any.Type]) throws -> PythonValue {
    // Python's order of values is that of its hashes, which is that of the numbers, and random for all else.
    let items = try map { (try PythonValue.of($0.key, in: path), try PythonValue.of($0.value, in: path)) }
      .sorted { Self.precedes($0.0.value, $1.0.value) }
    let type = PythonType.dictionary(
      try items.first?.0.type ?? PythonValue.type(of: Key.self, in: path),
      try items.first?.1.type ?? PythonValue.type(of: Value.self, in: path))
    let summary = items.map {
      (SHA1.hex(Array($0.0.summary.canonical.utf8)), JSON.array([$0.0.summary, $0.1.summary]))
    }
    return PythonValue(
      type, .object(["items": .array(items.map { .array([$0.0.value, $0.1.value]) })]),
      summary: .array(summary.sorted { $0.0 < $1.0 }.map(\.1)))
  }

  private static func precedes(_ one: JSON, _ other: JSON) -> Bool {
    if case .number(let one) = one, case .number(let other) = other, let one = Double(one), let other = Double(other) {
      return one < other
    }
    return one.canonical.utf8.lexicographicallyPrecedes(other.canonical.utf8)
  }

  static func read(_ value: JSON) throws -> [Key: Value] {
    guard let items = value["items"]?.elements else { throw ValueDecoder.mismatch("a dict", value) }
    let pairs = try items.map { item in
      guard let pair = item.elements, pair.count == 2 else { throw ValueDecoder.mismatch("a key and its value", item) }
      return (
        try ValueDecoder.read(encodable: Key.self, from: pair[0]),
        try ValueDecoder.read(encodable: Value.self, from: pair[1])
      )
    }
    return Dictionary(pairs) { $1 }
  }
}

extension Optional: PythonRepresentable, OptionalValue where Wrapped: Encodable {
  static func pythonType(in path: [any Any.Type]) throws -> PythonType {
    guard !(Wrapped.self is any OptionalValue.Type) else {
      throw SematicError.unsupportedType("\(Self.self)", reason: "Python has no optional of an optional")
    }
    return .optional(try PythonValue.type(of: Wrapped.self, in: path))
  }

  func represented(in path: [any Any.Type]) throws -> PythonValue {
    guard let self else { return PythonValue(try Self.pythonType(in: path), Self.choice(.null, 1), summary: .null) }
    guard !(self is any OptionalValue) else {
      throw SematicError.unsupportedType("\(Self.self)", reason: "Python has no optional of an optional")
    }
    let wrapped = try PythonValue.of(self, in: path)
    return PythonValue(.optional(wrapped.type), Self.choice(wrapped.value, 0), summary: wrapped.summary)
  }

  private static func choice(_ value: JSON, _ index: Int) -> JSON {
    .object(["value": value, "value_type_index": .integer(index)])
  }

  func bare(in path: [any Any.Type]) throws -> PythonValue {
    guard let self else { return PythonValue(.none, .null) }
    return try PythonValue.of(self, in: path)
  }

  static var missing: Wrapped? { nil }

  static func read(_ value: JSON) throws -> Wrapped? {
    guard let choice = value["value"], value["value_type_index"] != nil else {
      throw ValueDecoder.mismatch("a value with its value_type_index", value)
    }
    return try readBare(choice)
  }

  static func readBare(_ value: JSON) throws -> Wrapped? {
    value == .null ? nil : try ValueDecoder.read(encodable: Wrapped.self, from: value)
  }
}
