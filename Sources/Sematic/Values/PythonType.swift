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
  // In Python a bool is an int.
  static let bool = PythonType(
    form: builtin("bool").form,
    registry: ["bool": .array([builtin("int").form]), "int": .array([])])

  static func list(_ element: PythonType) -> PythonType { generic("list", [element]) }
  static func dictionary(_ key: PythonType, _ value: PythonType) -> PythonType { generic("dict", [key, value]) }
  static func optional(_ wrapped: PythonType) -> PythonType { generic("Union", [wrapped, none]) }

  static func enumeration(_ name: PythonName) -> PythonType {
    let base = JSON.array([.string("class"), .string("Enum"), .object(["import_path": .string("enum")])])
    let form = JSON.array([
      .string("class"), .string(name.name), .object(["import_path": .string(name.module)]),
    ])
    return PythonType(form: form, registry: [name.name: .array([base]), "Enum": .array([])])
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

/// A type that goes by another name in Python than in Swift, so that both sides can read each other's values.
public protocol SematicNamed {
  /// The module to import, and the name in it: `package.module.Name`.
  static var sematicName: String { get }
}

/// The name of a class in Python.
struct PythonName: Equatable {
  let module: String
  let name: String

  /// The name in `SematicNamed`, or else Swift's own: `Module.Outer.Name`.
  init(_ type: any Any.Type) {
    let full = (type as? any SematicNamed.Type)?.sematicName ?? String(reflecting: type)
    var (parts, current, depth) = ([String](), "", 0)
    for character in full {
      if character == "<" || character == "(" { depth += 1 }
      if character == ">" || character == ")" { depth -= 1 }
      if character == ".", depth == 0 {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    // A type inside a function has an address there, which is another in every build.
    parts.removeAll { $0.hasPrefix("(unknown context") }
    name = current
    module = parts.isEmpty ? "__main__" : parts.joined(separator: ".")
  }
}
