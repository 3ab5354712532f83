/// The decoder of values that Python's client, or this library, has written.
struct ValueDecoder: Decoder {
  private enum Content {
    case node(JSONNode)
    /// The arguments of a function, by name.
    case arguments([String: JSONNode])
  }

  private let content: Content
  /// Whether this is inside of a plain mapping, which has no types.
  private let isPlain: Bool

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  private init(_ content: Content, isPlain: Bool) {
    self.content = content
    self.isPlain = isPlain
  }

  /// Reads a value that is an artifact of its own.
  ///
  /// - Throws: `SematicError.malformedValue`.
  static func top<Value: Decodable>(_ type: Value.Type, from node: JSONNode) throws -> Value {
    try ValueFault.explained(SematicError.malformedValue) { try artifact(type, from: node) }
  }

  /// Reads the output of a function, without holding up other tasks.
  static func output<Value: Decodable & Sendable>(_ type: Value.Type, from node: JSONNode) async throws -> Value {
    try await BlockingWork.shared.run { _ in try top(Value.self, from: node) }
  }

  /// Reads the inputs of a function.
  ///
  /// - Throws: `SematicError.malformedValue`.
  static func arguments<Input: Decodable>(_ type: Input.Type, from arguments: [String: JSONNode]) throws -> Input {
    try ValueFault.explained(SematicError.malformedValue) {
      guard hasFields(type) else {
        guard let input = arguments["input"] else { throw ValueFault("the argument 'input' is missing") }
        return try ValueFault.at("input") { try artifact(type, from: input) }
      }
      return try Input(from: ValueDecoder(.arguments(arguments), isPlain: false))
    }
  }

  /// Whether the values of a type, as the input of a function, can have arguments of their own.
  static func hasFields(_ type: any Any.Type) -> Bool {
    !(type is any PythonRepresentable.Type) && !(type is any RawRepresentable.Type)
      && !(type is any RangeReplaceableCollection<UInt8>.Type) && FoundationType.of(type) == nil
  }

  private static func artifact<Value: Decodable>(
    _ type: Value.Type, from node: JSONNode, isPlain: Bool = false
  ) throws -> Value {
    if let optional = type as? any OptionalValue.Type {
      guard let read = try optional.readBare(node, isPlain: isPlain) as? Value else { throw mismatch("\(type)", node) }
      return read
    }
    return try read(type, from: node, isPlain: isPlain)
  }

  static func read<Value: Decodable>(_ type: Value.Type, from node: JSONNode, isPlain: Bool) throws -> Value {
    var node = node
    if !isPlain, !(type is any OptionalValue.Type), let chosen = choice(node) { node = chosen }
    let read: Any? =
      if let known = type as? any PythonRepresentable.Type {
        try known.read(node, isPlain: isPlain)
      } else if let named = type as? any (SematicNamed & RawRepresentable<String>).Type {
        try named.init(rawValue: String(String.read(node, isPlain: isPlain).split(separator: ".").last ?? ""))
      } else if let bytes = type as? any RangeReplaceableCollection<UInt8>.Type {
        PythonBytes.make(bytes, try PythonBytes.read(node, isPlain: isPlain))
      } else if let known = FoundationType.of(type) {
        try Value(
          from: ValueDecoder(
            .node(known == .date ? PythonDate.seconds(node) : PythonURL.fields(node)), isPlain: true))
      } else {
        try Value(from: ValueDecoder(.node(node), isPlain: isPlain))
      }
    guard let read = read as? Value else { throw mismatch("\(type)", node) }
    return read
  }

  /// What a generic type knows only as Encodable is decodable, too, wherever it is decoded.
  static func read<Value>(encodable type: Value.Type, from node: JSONNode, isPlain: Bool) throws -> Value {
    guard let decodable = type as? any Decodable.Type,
      let read = try read(decodable, from: node, isPlain: isPlain) as? Value
    else { throw mismatch("\(type)", node) }
    return read
  }

  static func readTop<Value>(encodable type: Value.Type, from node: JSONNode, isPlain: Bool) throws -> Value {
    guard let decodable = type as? any Decodable.Type,
      let read = try artifact(decodable, from: node, isPlain: isPlain) as? Value
    else { throw mismatch("\(type)", node) }
    return read
  }

  /// The value of a Python `Union`, which says which of its types the value has.
  static func choice(_ node: JSONNode) -> JSONNode? {
    let members = node.firstMembers(3)
    guard members.count == 2, members.contains(where: { $0.name == "value_type_index" }) else { return nil }
    return members.first { $0.name == "value" }?.node
  }

  static func mismatch(_ wanted: String, _ node: JSONNode) -> ValueFault {
    ValueFault("\(node.excerpt) is not \(wanted)")
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    switch content {
    case .arguments(let arguments):
      return KeyedDecodingContainer(Fields<Key>(fields: arguments, areArtifacts: true, isPlain: false))
    case .node(let node):
      guard node.isObject else { throw Self.mismatch("a dataclass or a mapping", node) }
      let members = node.members
      // What the type has a name for itself is no form of Python's.
      if !isPlain, Key(stringValue: "root_type") == nil, members["root_type"] != nil, let values = members["values"] {
        return KeyedDecodingContainer(Fields<Key>(fields: values.members, areArtifacts: false, isPlain: false))
      }
      if !isPlain, Key(stringValue: "items") == nil, members.count == 1, let items = members["items"] {
        return KeyedDecodingContainer(Fields<Key>(fields: Self.fields(items), areArtifacts: false, isPlain: false))
      }
      return KeyedDecodingContainer(Fields<Key>(fields: members, areArtifacts: false, isPlain: true))
    }
  }

  /// The items of a dictionary in Python, whose keys are texts.
  private static func fields(_ items: JSONNode) -> [String: JSONNode] {
    var fields: [String: JSONNode] = [:]
    for item in items.elements {
      let parts = Array(item.elements)
      if parts.count == 2, let name = parts[0].string { fields[name] = parts[1] }
    }
    return fields
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let node = try single()
    guard node.isArray else { throw Self.mismatch("a list", node) }
    return Elements(elements: Array(node.elements), isPlain: isPlain)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    Single(node: try single(), isPlain: isPlain)
  }

  private func single() throws -> JSONNode {
    switch content {
    case .node(let node): return node
    case .arguments(let arguments):
      guard let input = arguments["input"] else { throw ValueFault("the argument 'input' is missing") }
      return input
    }
  }

  /// Whether the value is missing, in Python's or the plain form.
  private static func isNil(_ node: JSONNode, isPlain: Bool) -> Bool {
    node.isNull || !isPlain && choice(node)?.isNull == true
  }

  private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let fields: [String: JSONNode]
    let areArtifacts: Bool
    let isPlain: Bool
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { fields.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { fields[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
      fields[key.stringValue].map { isNil($0, isPlain: isPlain) } ?? true
    }

    private func node(_ name: String) throws -> JSONNode {
      guard let node = fields[name] else { throw ValueFault("'\(name)' is missing") }
      return node
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      let node = try node(key.stringValue)
      return try ValueFault.at(key.stringValue) {
        try areArtifacts ? artifact(type, from: node) : read(type, from: node, isPlain: isPlain)
      }
    }

    private func nested(_ name: String) throws -> ValueDecoder {
      ValueDecoder(.node(try node(name)), isPlain: isPlain)
    }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      try nested(key.stringValue).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try nested(key.stringValue).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { try nested("super") }
    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key.stringValue) }
  }

  private struct Elements: UnkeyedDecodingContainer {
    let elements: [JSONNode]
    let isPlain: Bool
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }

    init(elements: [JSONNode], isPlain: Bool) {
      self.elements = elements
      self.isPlain = isPlain
    }

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    private mutating func next() throws -> JSONNode {
      guard !isAtEnd else { throw ValueFault("the list has only \(elements.count) elements") }
      defer { currentIndex += 1 }
      return elements[currentIndex]
    }

    mutating func decodeNil() throws -> Bool {
      guard !isAtEnd, isNil(elements[currentIndex], isPlain: isPlain) else { return false }
      currentIndex += 1
      return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      let index = currentIndex
      let node = try next()
      return try ValueFault.at("\(index)") { try read(type, from: node, isPlain: isPlain) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
      try ValueDecoder(.node(next()), isPlain: isPlain).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      try ValueDecoder(.node(next()), isPlain: isPlain).unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder { ValueDecoder(.node(try next()), isPlain: isPlain) }
  }

  private struct Single: SingleValueDecodingContainer {
    let node: JSONNode
    let isPlain: Bool
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { isNil(node, isPlain: isPlain) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try read(type, from: node, isPlain: isPlain)
    }
  }
}
