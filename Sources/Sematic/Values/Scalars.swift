/// A value that is one number, text or truth, also in long lists of them.
protocol PythonScalar: PythonRepresentable, Codable {
  static var scalarType: PythonType { get }
  func write(to bytes: inout [UInt8])
  static func scalar(_ node: JSONNode) -> Self?
}

extension PythonScalar {
  static func pythonType(in place: ValuePlace) -> PythonType { scalarType }

  func represented(in place: ValuePlace) -> PythonValue { PythonValue(Self.scalarType, .of(write)) }

  static func read(_ node: JSONNode, isPlain: Bool) throws -> Self {
    guard let value = scalar(node) else { throw ValueDecoder.mismatch("\(Self.self)", node) }
    return value
  }

  /// A list of such values, without a value of its own for each.
  static func list(_ elements: Any) -> PythonList? {
    guard let elements = elements as? [Self] else { return nil }
    var list = PythonList()
    for element in elements { list.append(write: element.write) }
    list.element = scalarType
    return list
  }

  static func array(_ node: JSONNode) throws -> Any {
    var elements: [Self] = []
    for element in node.elements { elements.append(try read(element, isPlain: true)) }
    return elements
  }
}

extension Bool: PythonScalar {
  static var scalarType: PythonType { .bool }
  func write(to bytes: inout [UInt8]) { bytes += (self ? "true" : "false").utf8 }
  static func scalar(_ node: JSONNode) -> Bool? { node.bool }
}

extension String: PythonScalar {
  static var scalarType: PythonType { .text }
  func write(to bytes: inout [UInt8]) { JSON.write(self, to: &bytes) }
  static func scalar(_ node: JSONNode) -> String? { node.string }
}

extension PythonScalar where Self: FixedWidthInteger {
  static var scalarType: PythonType { .integer }
  func write(to bytes: inout [UInt8]) { bytes += String(self).utf8 }
  static func scalar(_ node: JSONNode) -> Self? { node.number.flatMap { Self($0) } }
}

extension Int: PythonScalar {}
extension Int8: PythonScalar {}
extension Int16: PythonScalar {}
extension Int32: PythonScalar {}
extension Int64: PythonScalar {}
extension UInt: PythonScalar {}
extension UInt8: PythonScalar {}
extension UInt16: PythonScalar {}
extension UInt32: PythonScalar {}
extension UInt64: PythonScalar {}

@available(macOS 15, *) extension Int128: PythonScalar {}
@available(macOS 15, *) extension UInt128: PythonScalar {}

extension PythonScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
  static var scalarType: PythonType { .float }
  func write(to bytes: inout [UInt8]) { JSON.write(Double(self), to: &bytes) }
  static func scalar(_ node: JSONNode) -> Self? { node.number.flatMap { Double($0) }.map { Self($0) } }
}

extension Double: PythonScalar {}
extension Float: PythonScalar {}
