/// The decoder that makes an example of a type, to learn the fields of a structure of which there is no value.
///
/// The example has zeros, empty texts and lists, and the first case of an enumeration.
struct ExampleDecoder: Decoder {
  /// Whether the type has asked for anything.
  private final class Question { var wasAsked = false }

  private let depth: Int
  /// What a string is.
  private let text: String
  private let path: [String]
  private let inspection: ShapeInspection?
  private let question = Question()

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// Classes can refer to themselves without end.
  private static let maximalDepth = 64

  private init(depth: Int, text: String, path: [String], inspection: ShapeInspection?) {
    (self.depth, self.text, self.path, self.inspection) = (depth, text, path, inspection)
  }

  /// - Throws: what the type throws when it is decoded; not every type has an example.
  static func make<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try make(type, at: [], for: nil)
  }

  /// - Throws: `ShapeFault` for a type that can never be recorded, and what the type throws.
  static func make<Value: Decodable>(
    _ type: Value.Type, at path: [String], for inspection: ShapeInspection?
  ) throws -> Value {
    try ExampleDecoder(depth: 0, text: "", path: path, inspection: inspection).make(type, at: nil)
  }

  private func make<Value: Decodable>(_ type: Value.Type, at name: String?) throws -> Value {
    let place = name.map { path + [$0] } ?? path
    inspection?.visitParts(of: type, at: place)
    if let cases = type as? any CaseIterable.Type, let first = first(of: cases) as? Value { return first }
    if let optional = type as? any OptionalValue.Type, let missing = optional.missing as? Value { return missing }
    for simple in [false, text, 0.0, Float(0)] as [Any] { if let value = simple as? Value { return value } }
    if let number = type as? any FixedWidthInteger.Type, let zero = number.init(truncatingIfNeeded: 0) as? Value {
      return zero
    }
    if inspection != nil, type is any RawRepresentable.Type, let first = Self.firstCase(of: type) { return first }
    guard depth < Self.maximalDepth else { throw ValueFault("\(type) contains itself") }
    let decoder = ExampleDecoder(depth: depth + 1, text: Self.text(of: type), path: place, inspection: inspection)
    do {
      let value = try Value(from: decoder)
      if inspection != nil, !decoder.question.wasAsked, let encodable = value as? any Encodable {
        _ = try PythonValue.of(encodable)
      }
      return value
    } catch {
      // What has not asked for a value cannot refuse an example: it refuses everything. Of nothing there are no values.
      guard inspection != nil, !decoder.question.wasAsked, MemoryLayout<Value>.size > 0 else { throw error }
      throw ShapeFault(path: place, type: "\(type)", reason: ValueFault(of: error).reason)
    }
  }

  /// A text that a type of Foundation accepts.
  private static func text(of type: any Any.Type) -> String {
    switch String(reflecting: type) {
    case "Foundation.UUID", "FoundationEssentials.UUID": "00000000-0000-0000-0000-000000000000"
    case "Foundation.URL", "FoundationEssentials.URL": "file:///"
    default: ""
    }
  }

  private func first<Cases: CaseIterable>(of type: Cases.Type) -> Cases? { type.allCases.first }

  /// The first case of an enumeration without payloads, which Swift keeps as a zero in one byte.
  private static func firstCase<Value>(of type: Value.Type) -> Value? {
    guard MemoryLayout<Value>.size == 1, _isPOD(type) else { return nil }
    let value = withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer in
      UnsafeMutableRawBufferPointer(buffer).storeBytes(of: 0, as: UInt8.self)
      return buffer[0]
    }
    return Mirror(reflecting: value).displayStyle == .enum ? value : nil
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    question.wasAsked = true
    return KeyedDecodingContainer(Fields<Key>(decoder: self))
  }

  func unkeyedContainer() -> any UnkeyedDecodingContainer {
    question.wasAsked = true
    return Elements(decoder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    question.wasAsked = true
    return Single(decoder: self)
  }

  /// The decoder of a container inside of another one.
  private func nested(_ name: String) -> ExampleDecoder {
    ExampleDecoder(depth: depth, text: text, path: path + [name], inspection: inspection)
  }

  private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ExampleDecoder
    var codingPath: [any CodingKey] { [] }

    /// An enumeration with payloads expects the name of one case.
    var allKeys: [Key] {
      decoder.inspection == nil ? [] : ExampleDecoder.firstCase(of: Key.self).map { [$0] } ?? []
    }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try decoder.make(type, at: key.stringValue)
    }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) -> Value? {
      decoder.inspection?.visit(type, at: decoder.path + [key.stringValue])
      return nil
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> { decoder.nested(key.stringValue).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
      decoder.nested(key.stringValue).unkeyedContainer()
    }
    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) -> any Decoder { decoder.nested(key.stringValue) }
  }

  private struct Elements: UnkeyedDecodingContainer {
    let decoder: ExampleDecoder
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 0 }
    var isAtEnd: Bool { true }

    init(decoder: ExampleDecoder) { self.decoder = decoder }

    private mutating func next() -> String {
      defer { currentIndex += 1 }
      return "\(currentIndex)"
    }

    func decodeNil() -> Bool { true }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.make(type, at: next()) }
    mutating func decodeIfPresent<Value: Decodable>(_ type: Value.Type) -> Value? {
      decoder.inspection?.visit(type, at: decoder.path + [next()])
      return nil
    }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
      decoder.nested(next()).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
      decoder.nested(next()).unkeyedContainer()
    }
    func superDecoder() -> any Decoder { decoder }
  }

  private struct Single: SingleValueDecodingContainer {
    let decoder: ExampleDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.make(type, at: nil) }
  }
}
