/// The encoder that makes Python's form of what a type writes of itself.
final class ValueEncoder: Encoder {
  /// The place of the parts.
  private let place: ValuePlace
  /// The class of the whole in Python; nil where it is a plain mapping.
  private let name: PythonName?
  /// The name to show in the UI where there is no class.
  private let shownName: PythonName?
  private let fieldsAreArtifacts: Bool
  private var content: Content?

  private enum Content {
    case fields([String: Part])
    case list([Part])
    case single(PythonValue)
  }

  /// A value, or a container that is not complete yet.
  private enum Part {
    case value(PythonValue)
    case encoder(ValueEncoder)

    func result() throws -> PythonValue {
      switch self {
      case .value(let value): value
      case .encoder(let encoder): try encoder.result()
      }
    }
  }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// - Parameter fieldsAreArtifacts: for the arguments of a function.
  init(_ type: any Any.Type, in place: ValuePlace, fieldsAreArtifacts: Bool = false) throws {
    self.place = try place.inside(type)
    self.fieldsAreArtifacts = fieldsAreArtifacts
    name = type is any SematicNamed.Type && !place.isPlain ? PythonName(type) : nil
    shownName = place.isPlain ? PythonName(type) : nil
  }

  /// An encoder for a container without a type.
  private init(partOf encoder: ValueEncoder, in place: ValuePlace) {
    self.place = place
    (name, shownName, fieldsAreArtifacts) = (nil, nil, false)
  }

  /// Where the values of members are.
  private var memberPlace: ValuePlace { name == nil && !fieldsAreArtifacts ? place.plain : place }

  /// The members that were written; nil for what is none of them.
  func fields() throws -> [String: PythonValue]? {
    switch content {
    case nil: [:]
    case .fields(let fields): try fields.mapValues { try $0.result() }
    default: nil
    }
  }

  func result() throws -> PythonValue {
    switch content {
    case .single(let value): value
    case .list(let parts): try list(try parts.map { try $0.result() })
    case nil: structure([:])
    case .fields(let fields): structure(try fields.mapValues { try $0.result() })
    }
  }

  private func list(_ parts: [PythonValue]) throws -> PythonValue {
    let first = parts.first?.type ?? .object
    guard parts.allSatisfy({ $0.type == first }) else {
      return PythonValue(
        .tuple(parts.map(\.type)), .list(parts.map(\.value)), summary: .list(parts.map(\.summary)))
    }
    var list = PythonList()
    for part in parts { list.append(part) }
    return list.value(as: .list(first))
  }

  private func structure(_ fields: [String: PythonValue]) -> PythonValue {
    let type: PythonType =
      (name ?? shownName).map { .dataclass($0, fields.mapValues(\.type)) } ?? .mapping(fields.mapValues(\.type))
    func document(_ part: (PythonValue) -> JSONText) -> JSONText {
      .object([
        "values": .object(fields.mapValues(part)),
        // Of fields whose value is of another type than was declared: there are none in Swift.
        "types": JSONText("{}"), "root_type": .of(type.document),
      ])
    }
    let value = name == nil ? JSONText.object(fields.mapValues(\.value)) : document(\.value)
    return PythonValue(type, value, summary: document(\.summary))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if content == nil { content = .fields([:]) }
    return KeyedEncodingContainer(Fields<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if content == nil { content = .list([]) }
    return Elements(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  private func set(_ part: Part, for key: String) {
    guard case .fields(var fields) = content else { return }
    content = nil  // else the dictionary would be copied
    fields[key] = part
    content = .fields(fields)
  }

  private func append(_ part: Part) {
    guard case .list(var parts) = content else { return }
    content = nil
    parts.append(part)
    content = .list(parts)
  }

  private static let null = PythonValue(.none, JSONText("null"))

  private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { encoder.set(.value(ValueEncoder.null), for: key.stringValue) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
      let place = encoder.memberPlace
      let part = try ValueFault.at(key.stringValue) {
        try encoder.fieldsAreArtifacts ? PythonValue.artifact(value, in: place) : PythonValue.of(value, in: place)
      }
      encoder.set(.value(part), for: key.stringValue)
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

    private func nested(_ key: String) -> ValueEncoder {
      let nested = ValueEncoder(partOf: encoder, in: encoder.memberPlace.plain)
      encoder.set(.encoder(nested), for: key)
      return nested
    }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      nested(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      nested(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { nested("super") }
    func superEncoder(forKey key: Key) -> any Encoder { nested(key.stringValue) }
  }

  private struct Elements: UnkeyedEncodingContainer {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { [] }

    var count: Int {
      guard case .list(let parts) = encoder.content else { return 0 }
      return parts.count
    }

    func encodeNil() { encoder.append(.value(ValueEncoder.null)) }

    func encode<Value: Encodable>(_ value: Value) throws {
      let part = try ValueFault.at("\(count)") { try PythonValue.of(value, in: encoder.place) }
      encoder.append(.value(part))
    }

    private func nested() -> ValueEncoder {
      let nested = ValueEncoder(partOf: encoder, in: encoder.place)
      encoder.append(.encoder(nested))
      return nested
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
      nested().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
    func superEncoder() -> any Encoder { nested() }
  }

  private struct Single: SingleValueEncodingContainer {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.content = .single(ValueEncoder.null) }
    func encode<Value: Encodable>(_ value: Value) throws {
      encoder.content = .single(try PythonValue.of(value, in: encoder.place))
    }
  }
}
