extension Optional: PythonRepresentable, OptionalValue where Wrapped: Encodable {
  static func pythonType(in place: ValuePlace) -> PythonType {
    // For Python an optional of an optional is just an optional.
    if Wrapped.self is any OptionalValue.Type { return PythonValue.type(of: Wrapped.self, in: place) }
    return .optional(PythonValue.type(of: Wrapped.self, in: place))
  }

  func represented(in place: ValuePlace) throws -> PythonValue {
    let null = JSONText("null")
    guard let self else {
      return PythonValue(
        Self.pythonType(in: place), place.isPlain ? null : Self.choice(null, ofNone: true), summary: null)
    }
    if self is any OptionalValue { return try PythonValue.of(self, in: place) }
    var wrapped = try PythonValue.of(self, in: place)
    if !place.isPlain { wrapped.value = Self.choice(wrapped.value, ofNone: false) }
    wrapped.type = .optional(wrapped.type)
    return wrapped
  }

  /// Python's `Union` says which of its types the value has.
  private static func choice(_ value: JSONText, ofNone: Bool) -> JSONText {
    .object(["value": value, "value_type_index": .of(.integer(ofNone ? 1 : 0))])
  }

  func bare(in place: ValuePlace) throws -> PythonValue {
    guard let self else { return PythonValue(.none, JSONText("null")) }
    return try PythonValue.artifact(self, in: place)
  }

  static var missing: Wrapped? { nil }
  static var parts: [any Any.Type] { [Wrapped.self] }

  static func read(_ node: JSONNode, isPlain: Bool) throws -> Wrapped? {
    if Wrapped.self is any OptionalValue.Type {
      // What is missing is so on the outside.
      if node.isNull { return nil }
      return try ValueDecoder.read(encodable: Wrapped.self, from: node, isPlain: isPlain)
    }
    if isPlain { return try readBare(node, isPlain: true) }
    guard let members = ValueDecoder.choice(node) else {
      throw ValueDecoder.mismatch("a value with its value_type_index", node)
    }
    return try readBare(members, isPlain: false)
  }

  static func readBare(_ node: JSONNode, isPlain: Bool) throws -> Wrapped? {
    if node.isNull { return nil }
    return try ValueDecoder.readTop(encodable: Wrapped.self, from: node, isPlain: isPlain)
  }
}
