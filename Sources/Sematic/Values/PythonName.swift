/// The name of a class in Python.
struct PythonName: Equatable {
  let module: String
  let name: String

  init(module: String, name: String) {
    self.module = module
    self.name = name
  }

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
