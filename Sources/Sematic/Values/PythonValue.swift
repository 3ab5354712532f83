/// A value as Sematic's Python client writes it: its type, the value itself, and the summary that the UI shows.
struct PythonValue: Sendable {
  var type: PythonType
  var value: JSON
  var summary: JSON

  init(_ type: PythonType, _ value: JSON, summary: JSON? = nil) {
    self.type = type
    self.value = value
    self.summary = summary ?? value
  }

  /// - Parameter path: the types that this value is a part of, to notice one that contains itself.
  static func of<Value: Encodable>(_ value: Value, in path: [any Any.Type] = []) throws -> PythonValue {
    if let value = value as? any PythonRepresentable { return try value.represented(in: path) }
    if let raw = (value as? any RawRepresentable)?.rawValue as? String {
      return PythonValue(.enumeration(PythonName(Value.self)), .string(raw))
    }
    if Mirror(reflecting: value).displayStyle == .enum, !(value is any RawRepresentable) {
      throw SematicError.unsupportedType(
        "\(Value.self)", reason: "only enumerations with String values exist in Python")
    }
    guard path.count < 64, !path.contains(where: { $0 == Value.self }) else {
      throw SematicError.unsupportedType("\(Value.self)", reason: "it contains itself")
    }
    let recorder = FieldRecorder(path: path + [Value.self])
    try value.encode(to: recorder)
    if let single = recorder.single { return single }
    if let fault = recorder.fault { throw SematicError.unsupportedType("\(Value.self)", reason: fault) }
    let fields = recorder.fields
    let type = PythonType.dataclass(PythonName(Value.self), fields.mapValues(\.type))
    func document(_ part: (PythonValue) -> JSON) -> JSON {
      .object([
        "values": .object(fields.mapValues(part)), "types": .object(recorder.differingTypes),
        "root_type": type.document,
      ])
    }
    return PythonValue(type, document(\.value), summary: document(\.summary))
  }

  /// A type without a value: that of an empty list's elements, or of what is not there.
  static func type<Value>(of type: Value.Type, in path: [any Any.Type]) throws -> PythonType {
    if let type = type as? any PythonRepresentable.Type { return try type.pythonType(in: path) }
    if type is any RawRepresentable<String>.Type { return .enumeration(PythonName(type)) }
    guard path.count < 64, !path.contains(where: { $0 == type }) else {
      throw SematicError.unsupportedType("\(type)", reason: "it contains itself")
    }
    guard let decodable = type as? any (Decodable & Encodable).Type else {
      throw SematicError.unsupportedType("\(type)", reason: "it is not Codable")
    }
    return try example(of: decodable, in: path).type
  }

  private static func example<Value: Codable>(of type: Value.Type, in path: [any Any.Type]) throws -> PythonValue {
    do {
      return try of(try Value(from: ExampleDecoder()), in: path)
    } catch let error as SematicError {
      throw error
    } catch {
      throw SematicError.unsupportedType(
        "\(type)", reason: "no example of it can be made to learn its fields, where there is no value: \(error)")
    }
  }

  /// The inputs of a function by name: the properties of a structure, or one value with the name `input`.
  static func arguments<Input: Encodable>(_ input: Input) throws -> [String: PythonValue] {
    if !(input is any PythonRepresentable), !(input is any RawRepresentable) {
      let recorder = FieldRecorder(path: [Input.self])
      recorder.isTop = true
      try input.encode(to: recorder)
      if let fault = recorder.fault { throw SematicError.unsupportedType("\(Input.self)", reason: fault) }
      if recorder.single == nil { return recorder.fields }
    }
    return ["input": try top(input)]
  }

  /// A value that is an artifact of its own: an optional one is there or is None, without a sign of its choice.
  static func top<Value: Encodable>(_ value: Value, in path: [any Any.Type] = []) throws -> PythonValue {
    if let optional = value as? any OptionalValue { return try optional.bare(in: path) }
    return try of(value, in: path)
  }
}

/// A standard type that Python has, too.
protocol PythonRepresentable {
  static func pythonType(in path: [any Any.Type]) throws -> PythonType
  func represented(in path: [any Any.Type]) throws -> PythonValue
  static func read(_ value: JSON) throws -> Self
}

/// An optional of any type.
protocol OptionalValue {
  func bare(in path: [any Any.Type]) throws -> PythonValue
  static func readBare(_ value: JSON) throws -> Self
  static var missing: Self { get }
}
