/// A value as Sematic's Python client writes it: its type, the value itself, and the summary that the UI shows.
struct PythonValue: Sendable {
  var type: PythonType
  var value: JSONText
  var summary: JSONText

  init(_ type: PythonType, _ value: JSONText, summary: JSONText? = nil) {
    self.type = type
    self.value = value
    self.summary = summary ?? value
  }

  static let none = PythonValue(.none, JSONText("null"))

  /// The value in a place.
  static func of<Value: Encodable>(_ value: Value, in place: ValuePlace = ValuePlace()) throws -> PythonValue {
    if let value = value as? any PythonRepresentable { return try value.represented(in: place) }
    if let named = value as? any SematicNamed & RawRepresentable, let raw = named.rawValue as? String {
      return PythonValue(.enumeration(PythonName(Value.self)), .of { JSON.write(raw, to: &$0) })
    }
    if let bytes = value as? any RangeReplaceableCollection<UInt8> { return PythonBytes.represented(bytes, in: place) }
    switch FoundationType.of(Value.self) {
    case .date: if let date = try PythonDate.represented(value) { return date }
    case .url: if let url = try PythonURL.represented(value) { return url }
    case nil: break
    }
    let encoder = try ValueEncoder(Value.self, in: place)
    try value.encode(to: encoder)
    return try encoder.result()
  }

  /// A type without a value: that of an empty list's elements, or of what is not there.
  static func type<Value>(of type: Value.Type, in place: ValuePlace) -> PythonType {
    if let type = type as? any PythonRepresentable.Type { return type.pythonType(in: place) }
    if let named = type as? any (SematicNamed & RawRepresentable<String>).Type {
      return .enumeration(PythonName(named))
    }
    if type is any RangeReplaceableCollection<UInt8>.Type { return .bytes }
    if FoundationType.of(type) == .date { return .datetime }
    if FoundationType.of(type) == .url { return .text }
    guard !place.contains(type), let decodable = type as? any (Decodable & Encodable).Type,
      let example = try? example(of: decodable, in: place)
    else { return .object }
    return example.type
  }

  private static func example<Value: Codable>(of type: Value.Type, in place: ValuePlace) throws -> PythonValue {
    try of(try ExampleDecoder.make(type), in: place)
  }

  /// The inputs of a function by name: the properties of a structure, or one value with the name `input`.
  ///
  /// - Throws: `SematicError.unsupportedType`.
  static func arguments<Input: Encodable>(_ input: Input) throws -> [String: PythonValue] {
    guard ValueDecoder.hasFields(Input.self) else { return ["input": try top(input)] }
    let fields = try ValueFault.explained({ .unsupportedType("\(Input.self)", reason: $0) }) {
      let encoder = try ValueEncoder(Input.self, in: ValuePlace(), fieldsAreArtifacts: true)
      try input.encode(to: encoder)
      return try encoder.fields()
    }
    return try fields ?? ["input": top(input)]
  }

  /// A value that is an artifact of its own.
  ///
  /// - Throws: `SematicError.unsupportedType`.
  static func top<Value: Encodable>(_ value: Value) throws -> PythonValue {
    try ValueFault.explained({ .unsupportedType("\(Value.self)", reason: $0) }) {
      try artifact(value, in: ValuePlace())
    }
  }

  /// An optional value is there or is None, without a sign of its choice.
  static func artifact<Value: Encodable>(_ value: Value, in place: ValuePlace) throws -> PythonValue {
    if let optional = value as? any OptionalValue { return try optional.bare(in: place) }
    return try of(value, in: place)
  }
}

/// The place of a value in others.
struct ValuePlace {
  /// The types of the values around it, by identity.
  private var types: [ObjectIdentifier] = []
  /// Whether it is inside of a plain mapping, which Python reads as JSON, without types.
  private(set) var isPlain = false

  /// With all that Python writes around values, its reader can just follow that.
  private static let maximalDepth = 128

  func contains(_ type: any Any.Type) -> Bool { types.contains(ObjectIdentifier(type)) }

  /// The place of the parts of such a value.
  ///
  /// - Throws: `ValueFault` for what is too deep; it may contain itself.
  func inside(_ type: any Any.Type) throws -> ValuePlace {
    guard types.count < Self.maximalDepth else {
      throw ValueFault("\(type) is nested more than \(Self.maximalDepth) times, or contains itself")
    }
    var place = self
    place.types.append(ObjectIdentifier(type))
    return place
  }

  var plain: ValuePlace {
    var place = self
    place.isPlain = true
    return place
  }
}

/// A type that has a counterpart of its own in Python.
protocol PythonRepresentable {
  static func pythonType(in place: ValuePlace) -> PythonType
  func represented(in place: ValuePlace) throws -> PythonValue
  static func read(_ node: JSONNode, isPlain: Bool) throws -> Self
  /// The types of its elements, or of what is optional.
  static var parts: [any Any.Type] { get }
}

extension PythonRepresentable {
  static var parts: [any Any.Type] { [] }
}

/// An optional of any type.
protocol OptionalValue {
  func bare(in place: ValuePlace) throws -> PythonValue
  static func readBare(_ node: JSONNode, isPlain: Bool) throws -> Self
  static var missing: Self { get }
}
