/// The decoder that makes an example of a type, to learn the fields of a structure of which there is no value.
struct ExampleDecoder: Decoder {
  private let depth: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// Classes can refer to themselves without end.
  private static let maximalDepth = 64

  private init(depth: Int) { self.depth = depth }

  /// - Throws: what the type throws when it is decoded; not every type has an example.
  static func make<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try ExampleDecoder(depth: 0).make(type)
  }

  private func make<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let cases = type as? any CaseIterable.Type, let first = first(of: cases) as? Value { return first }
    if let optional = type as? any OptionalValue.Type, let missing = optional.missing as? Value { return missing }
    for simple in [false, "", 0.0, Float(0)] as [Any] { if let value = simple as? Value { return value } }
    if let number = type as? any FixedWidthInteger.Type, let zero = number.init(truncatingIfNeeded: 0) as? Value {
      return zero
    }
    guard depth < Self.maximalDepth else { throw ValueFault("\(type) contains itself") }
    return try Value(from: ExampleDecoder(depth: depth + 1))
  }

  private func first<Cases: CaseIterable>(of type: Cases.Type) -> Cases? { type.allCases.first }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Fields<Key>(decoder: self))
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer { Elements(decoder: self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

  private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ExampleDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try decoder.make(type) }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> { decoder.container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { decoder.unkeyedContainer() }
    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) -> any Decoder { decoder }
  }

  private struct Elements: UnkeyedDecodingContainer {
    let decoder: ExampleDecoder
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 0 }
    var isAtEnd: Bool { true }
    var currentIndex: Int { 0 }

    func decodeNil() -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.make(type) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
      decoder.container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { decoder.unkeyedContainer() }
    func superDecoder() -> any Decoder { decoder }
  }

  private struct Single: SingleValueDecodingContainer {
    let decoder: ExampleDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.make(type) }
  }
}
