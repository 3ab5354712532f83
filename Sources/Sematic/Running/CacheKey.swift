/// The key by which the output of a function is found again for the same arguments.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/caching/caching.py
enum CacheKey {
  /// - Parameter arguments: the identifiers of the arguments' artifacts, by name.
  static func text(_ function: Registration, _ arguments: [String: String], namespace: String) -> String {
    let inputs = SHA1.hex(Array(JSON.object(arguments.mapValues(JSON.string)).canonical.utf8))
    return SHA1.hex(Array("\(function.path)|\(name(of: function.output))|\(inputs)".utf8)) + "_" + namespace
  }

  /// A type as `repr` in Python writes it; one that Python does not have by its name and structure.
  private static func name(of type: any (Codable & Sendable).Type) -> String {
    switch type {
    case is Bool.Type: return "<class 'bool'>"
    case is String.Type: return "<class 'str'>"
    case is Double.Type, is Float.Type: return "<class 'float'>"
    case is any FixedWidthInteger.Type: return "<class 'int'>"
    case let named as any SematicNamed.Type: return "<class '\(named.sematicName)'>"
    default: return "\(type) \(PythonValue.type(of: type, in: ValuePlace()).document.canonical)"
    }
  }
}
