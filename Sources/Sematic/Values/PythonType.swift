/// A type as Sematic's Python client describes it.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/types/serialization.py
struct PythonType: Equatable, Sendable {
  /// `[category, name, parameters]`
  var form: JSON
  /// The names of all types in it, each with its base types.
  var registry: [String: JSON]

  /// How a type stands in another one.
  var parameter: JSON { .object(["type": form]) }
  var document: JSON { .object(["type": form, "registry": .object(registry)]) }

  static let integer = builtin("int")
  static let float = builtin("float")
  static let text = builtin("str")
  static let none = builtin("NoneType")
  static let bytes = builtin("bytes")
  static let datetime = PythonType(
    form: imported("datetime", from: "datetime"),
    registry: ["datetime": .array([imported("date", from: "datetime")]), "date": .array([])])
  /// What is anything: Python gets it as plain JSON.
  static let object = PythonType(form: imported("object", from: "builtins"), registry: ["object": .array([])])
  // In Python a bool is an int.
  static let bool = PythonType(
    form: builtin("bool").form,
    registry: ["bool": .array([builtin("int").form]), "int": .array([])])

  static func set(_ element: PythonType) -> PythonType { generic("set", [element]) }
  static func tuple(_ elements: [PythonType]) -> PythonType { generic("tuple", elements) }
  static func list(_ element: PythonType) -> PythonType { generic("list", [element]) }
  static func dictionary(_ key: PythonType, _ value: PythonType) -> PythonType { generic("dict", [key, value]) }
  static func optional(_ wrapped: PythonType) -> PythonType { generic("Union", [wrapped, none]) }

  /// Whether values of this type can be keys in Python.
  var isHashable: Bool {
    guard let category = form.elements?.first?.text, self != .object else { return false }
    return category == "builtin" || category == "class"
  }

  static func enumeration(_ name: PythonName) -> PythonType {
    PythonType(
      form: imported(name.name, from: name.module),
      registry: [name.name: .array([imported("Enum", from: "enum")]), "Enum": .array([])])
  }

  static func dataclass(_ name: PythonName, _ fields: [String: PythonType]) -> PythonType {
    let parameters: [String: JSON] = [
      "import_path": .string(name.module), "fields": .object(fields.mapValues(\.parameter)),
    ]
    var registry: [String: JSON] = [name.name: .array([])]
    for type in fields.values { registry.merge(type.registry) { $1 } }
    return PythonType(
      form: .array([.string("dataclass"), .string(name.name), .object(parameters)]), registry: registry)
  }

  /// A structure without a class in Python: there a plain mapping, in the UI shown by its fields.
  static func mapping(_ fields: [String: PythonType]) -> PythonType {
    dataclass(PythonName(module: "builtins", name: "object"), fields)
  }

  private static func imported(_ name: String, from module: String) -> JSON {
    .array([.string("class"), .string(name), .object(["import_path": .string(module)])])
  }

  private static func builtin(_ name: String) -> PythonType {
    PythonType(form: .array([.string("builtin"), .string(name), .object([:])]), registry: [name: .array([])])
  }

  private static func generic(_ name: String, _ arguments: [PythonType]) -> PythonType {
    var registry: [String: JSON] = [name: .array([])]
    for type in arguments { registry.merge(type.registry) { $1 } }
    let parameters = JSON.object(["args": .array(arguments.map(\.parameter))])
    return PythonType(form: .array([.string("typing"), .string(name), parameters]), registry: registry)
  }
}
