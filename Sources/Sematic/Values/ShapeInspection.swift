/// A look at types before there are values of them, for what can never be recorded.
///
/// A type is decoded from an example. One that refuses the example may accept others, and what comes behind it is not seen:
/// only a type that refuses without having asked for anything is found, wherever it is.
final class ShapeInspection {
  private(set) var faults: [ShapeFault] = []
  /// Types can contain themselves.
  private var visited: Set<ObjectIdentifier> = []

  /// What can never be recorded in a type.
  ///
  /// - Parameter name: the place of its values.
  static func faults(of type: any Any.Type, at name: String) -> [ShapeFault] {
    let inspection = ShapeInspection()
    inspection.visit(type, at: [name])
    return inspection.faults
  }

  func visit(_ type: any Any.Type, at path: [String]) {
    guard let decodable = type as? any Decodable.Type, visited.insert(ObjectIdentifier(type)).inserted else { return }
    do {
      try makeExample(of: decodable, at: path)
    } catch let fault as ShapeFault {
      faults.append(fault)
    } catch {
      // Other values may be accepted.
    }
  }

  private func makeExample<Value: Decodable>(of type: Value.Type, at path: [String]) throws {
    _ = try ExampleDecoder.make(type, at: path, for: self)
  }

  /// Looks at the elements of a collection, and at what is optional: an example has none of them.
  func visitParts(of type: any Any.Type, at path: [String]) {
    guard let container = type as? any PythonRepresentable.Type else { return }
    var path = path
    if !(type is any OptionalValue.Type), let last = path.popLast() { path.append(last + "[]") }
    for part in container.parts { visit(part, at: path) }
  }
}

/// A type that can never be recorded, and where it is.
struct ShapeFault: Error {
  let path: [String]
  let type: String
  let reason: String

  var description: String { "\(path.joined(separator: ".")): \(type) cannot be recorded: \(reason)" }
}
