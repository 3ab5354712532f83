/// A type that has a class in Python, so that both sides can read each other's values.
///
/// ```swift
/// struct Point: Codable, SematicNamed {
///   var x: Double
///   var y: Double
///   static let sematicName = "geometry.shapes.Point"
/// }
/// ```
/// A structure stands for a dataclass, an enumeration with `String` values for an `Enum` whose names are these values.
/// Values of other types are plain mappings and strings in Python.
public protocol SematicNamed {
  /// The module to import in Python, and the class in it: `package.module.Name`.
  static var sematicName: String { get }
}
