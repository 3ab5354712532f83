/// The encoder that learns what a structure is made of: its fields in Python's terms, also those that are nil.
final class FieldRecorder: Encoder {
  let path: [any Any.Type]
  /// The fields are artifacts of their own.
  var isTop = false
  private(set) var fields: [String: PythonValue] = [:]
  /// What a type is that writes itself as one value of another type.
  private(set) var single: PythonValue?
  /// Why this cannot be a dataclass.
  private(set) var fault: String?

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(path: [any Any.Type]) { self.path = path }

  /// What a dataclass says of fields whose value is of another type than was declared: there are none in Swift.
  var differingTypes: [String: JSON] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Fields<Key>(recorder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    fault = "it writes itself as a sequence without a type; use an array of it"
    return Sequence()
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(recorder: self) }

  private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let recorder: FieldRecorder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { recorder.fields[key.stringValue] = PythonValue(.none, .null) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
      recorder.fields[key.stringValue] =
        try recorder.isTop ? PythonValue.top(value, in: recorder.path) : PythonValue.of(value, in: recorder.path)
    }

    // The defaults of these leave out what is nil, and with it the field.
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try encode(value, forKey: key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try encode(value, forKey: key) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<
      Nested
    > {
      recorder.fault = "its own encode(to:) nests containers, which have no type"
      return KeyedEncodingContainer(Fields<Nested>(recorder: FieldRecorder(path: recorder.path)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      recorder.fault = "its own encode(to:) nests containers, which have no type"
      return Sequence()
    }

    func superEncoder() -> any Encoder {
      recorder.fault = "a class that inherits from another cannot be a dataclass"
      return FieldRecorder(path: recorder.path)
    }
    func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }
  }

  private struct Single: SingleValueEncodingContainer {
    let recorder: FieldRecorder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { recorder.single = PythonValue(.none, .null) }
    func encode<Value: Encodable>(_ value: Value) throws {
      recorder.single = try PythonValue.of(value, in: recorder.path)
    }
  }

  /// Takes everything and keeps nothing: the fault is known.
  private struct Sequence: UnkeyedEncodingContainer {
    var codingPath: [any CodingKey] { [] }
    var count: Int { 0 }

    func encodeNil() {}
    func encode<Value: Encodable>(_ value: Value) {}
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
      FieldRecorder(path: []).container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { Sequence() }
    func superEncoder() -> any Encoder { FieldRecorder(path: []) }
  }
}
