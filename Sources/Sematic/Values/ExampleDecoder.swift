/// The decoder that makes an example of a type, to learn the fields of a structure of which there is no value.
struct ExampleDecoder: Decoder {
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  struct Impossible: Error, CustomStringConvertible {
    let description: String
  }

  static func make<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let named = type as? any RawRepresentable<String>.Type {
      guard let cases = named as? any CaseIterable.Type, let first = first(of: cases) as? Value else {
        throw Impossible(description: "make \(type) CaseIterable")
      }
      return first
    }
    if let optional = type as? any OptionalValue.Type, let missing = optional.missing as? Value { return missing }
    for simple in [false, "", 0, 0.0, Float(0)] as [Any] { if let value = simple as? Value { return value } }
    if let number = type as? any FixedWidthInteger.Type, let zero = number.init(truncatingIfNeeded: 0) as? Value {
      return zero
    }
    return try Value(from: ExampleDecoder())
  }

  private static func first<Cases: CaseIterable>(of type: Cases.Type) -> Cases? { type.allCases.first }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Fields<Key>())
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer { Sequence() }
  func singleValueContainer() -> any SingleValueDecodingContainer { Single() }

  private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try make(type) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
      -> KeyedDecodingContainer<Nested>
    { KeyedDecodingContainer(Fields<Nested>()) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { Sequence() }
    func superDecoder() -> any Decoder { ExampleDecoder() }
    func superDecoder(forKey key: Key) -> any Decoder { ExampleDecoder() }
  }

  private struct Sequence: UnkeyedDecodingContainer {
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 0 }
    var isAtEnd: Bool { true }
    var currentIndex: Int { 0 }

    func decodeNil() -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try make(type) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
      KeyedDecodingContainer(Fields<Nested>())
    }
    func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { Sequence() }
    func superDecoder() -> any Decoder { ExampleDecoder() }
  }

  private struct Single: SingleValueDecodingContainer {
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try make(type) }
  }
}
