/// The decoder of values that the Python client, or this library, has written.
struct ValueDecoder: Decoder {
  let value: JSON
  /// The fields are artifacts of their own, and stand here by name.
  var isTop = false

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func read<Value: Decodable>(_ type: Value.Type, from value: JSON) throws -> Value {
    let read: Any? =
      if let known = type as? any PythonRepresentable.Type {
        try known.read(value)
      } else if let named = type as? any RawRepresentable<String>.Type {
        try named.init(rawValue: String(String.read(value).split(separator: ".").last ?? ""))
      } else {
        try Value(from: ValueDecoder(value: value))
      }
    guard let read = read as? Value else { throw mismatch("\(type)", value) }
    return read
  }

  /// What a generic type knows only as Encodable is decodable, too, wherever it is decoded.
  static func read<Value>(encodable type: Value.Type, from value: JSON) throws -> Value {
    guard let decodable = type as? any Decodable.Type, let read = try read(decodable, from: value) as? Value else {
      throw mismatch("\(type)", value)
    }
    return read
  }

  /// Reads a value that is an artifact of its own.
  static func top<Value: Decodable>(_ type: Value.Type, from value: JSON) throws -> Value {
    if let optional = type as? any OptionalValue.Type {
      guard let read = try optional.readBare(value) as? Value else { throw mismatch("\(type)", value) }
      return read
    }
    return try read(type, from: value)
  }

  /// Reads the inputs of a function.
  static func arguments<Input: Decodable>(_ type: Input.Type, from arguments: [String: JSON]) throws -> Input {
    if type is any PythonRepresentable.Type || type is any RawRepresentable.Type {
      guard let input = arguments["input"] else { throw SematicError.malformedValue("the argument 'input' is missing") }
      return try top(type, from: input)
    }
    return try Input(from: ValueDecoder(value: .object(arguments), isTop: true))
  }

  static func mismatch(_ wanted: String, _ value: JSON) -> SematicError {
    let text = value.canonical
    return .malformedValue("\(text.utf8.count > 80 ? text.prefix(80) + "..." : text) is not \(wanted)")
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let fields = isTop ? value.members : value["values"]?.members else {
      throw Self.mismatch("a dataclass", value)
    }
    return KeyedDecodingContainer(Fields<Key>(fields: fields, isTop: isTop))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw Self.mismatch("a value of a type that can be read", value)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    guard isTop else { return Single(value: value) }
    guard let input = value["input"] else { throw SematicError.malformedValue("the argument 'input' is missing") }
    return Single(value: input)
  }

  private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let fields: [String: JSON]
    let isTop: Bool
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { fields.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { fields[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
      guard let value = fields[key.stringValue] else { return true }
      return value == .null || value["value_type_index"] != nil && value["value"] == .null
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      guard let value = fields[key.stringValue] else {
        throw SematicError.malformedValue("'\(key.stringValue)' is missing")
      }
      do {
        return try isTop ? ValueDecoder.top(type, from: value) : ValueDecoder.read(type, from: value)
      } catch let error as SematicError where error.code == .malformedValue {
        throw SematicError.malformedValue("\(key.stringValue): \(error)")
      }
    }

    // An optional field is written with a sign of its choice, which only its own type can read.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
      guard let value = fields[key.stringValue], value != .null else { return nil }
      if !isTop, value["value_type_index"] != nil, let choice = value["value"] {
        return choice == .null ? nil : try ValueDecoder.read(type, from: choice)
      }
      return try decode(type, forKey: key)
    }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try present(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try present(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try present(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try present(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try present(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try present(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try present(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try present(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try present(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try present(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try present(type, key) }

    private func present<Value: Codable>(_ type: Value.Type, _ key: Key) throws -> Value? {
      guard let value = fields[key.stringValue] else { return nil }
      let isChoice = !isTop && value["value_type_index"] != nil
      return try isChoice ? ValueDecoder.read(Value?.self, from: value) : ValueDecoder.top(Value?.self, from: value)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
      -> KeyedDecodingContainer<Nested>
    { throw unsupported(key) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unsupported(key) }
    func superDecoder() throws -> any Decoder { throw SematicError.malformedValue("a super class cannot be read") }
    func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }

    private func unsupported(_ key: Key) -> SematicError {
      .malformedValue("'\(key.stringValue)' is read as a container without a type")
    }
  }

  private struct Single: SingleValueDecodingContainer {
    let value: JSON
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { value == .null }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try ValueDecoder.read(type, from: value) }
  }
}
