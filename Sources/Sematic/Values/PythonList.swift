/// A list as it is written, with as much of its summary as Sematic keeps.
struct PythonList {
  /// Of the list, not of an element: see _list_to_json_encodable_summary in
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/types/types/list.py
  private static let maximalSummary = 1 << 17

  var element: PythonType?
  private var value = JSONText("[")
  private var summaries: [JSONText] = []
  private var longest = 1
  private var count = 0

  mutating func append(_ part: PythonValue) {
    if element == nil { element = part.type }
    separate()
    value.append(part.value)
    keep(part.summary.count) { part.summary }
  }

  /// Appends an element that is its own summary.
  mutating func append(write: (inout [UInt8]) -> Void) {
    separate()
    let before = value.count
    value.append(write)
    keep(value.count - before) { .of(write) }
  }

  private mutating func separate() {
    if count > 0 { value.append(", ") }
    count += 1
  }

  private mutating func keep(_ size: Int, _ summary: () -> JSONText) {
    // As many brackets or commas as Python counts.
    longest = max(longest, size + 2)
    if summaries.count < limit { summaries.append(summary()) }
  }

  private var limit: Int { max(1, Self.maximalSummary / longest) }

  func value(as type: PythonType) -> PythonValue {
    var value = value
    value.append("]")
    let summary = JSONText.object([
      "length": .of(.integer(count)), "summary": .list(summaries.prefix(limit)),
    ])
    return PythonValue(type, value, summary: summary)
  }
}

extension Array: PythonRepresentable where Element: Encodable {
  static func pythonType(in place: ValuePlace) -> PythonType { .list(PythonValue.type(of: Element.self, in: place)) }
  static var parts: [any Any.Type] { [Element.self] }

  func represented(in place: ValuePlace) throws -> PythonValue {
    let place = try place.inside(Self.self)
    if let scalar = Element.self as? any PythonScalar.Type, let list = scalar.list(self) {
      return list.value(as: .list(scalar.scalarType))
    }
    var list = PythonList()
    for (index, element) in enumerated() {
      list.append(try ValueFault.at("\(index)") { try PythonValue.of(element, in: place) })
    }
    return list.value(as: .list(list.element ?? PythonValue.type(of: Element.self, in: place)))
  }

  static func read(_ node: JSONNode, isPlain: Bool) throws -> [Element] {
    guard node.isArray else { throw ValueDecoder.mismatch("a list", node) }
    if let scalar = Element.self as? any PythonScalar.Type, let elements = try scalar.array(node) as? [Element] {
      return elements
    }
    var elements: [Element] = []
    for (index, element) in node.elements.enumerated() {
      elements.append(
        try ValueFault.at("\(index)") {
          try ValueDecoder.read(encodable: Element.self, from: element, isPlain: isPlain)
        })
    }
    return elements
  }
}

extension Set: PythonRepresentable where Element: Encodable {
  static func pythonType(in place: ValuePlace) -> PythonType { .set(PythonValue.type(of: Element.self, in: place)) }
  static var parts: [any Any.Type] { [Element.self] }

  func represented(in place: ValuePlace) throws -> PythonValue {
    let place = try place.inside(Self.self)
    // The order of a set is another in every process.
    let elements = try map { try PythonValue.of($0, in: place) }
      .map { (key: $0.value.bytes, value: $0) }.sorted { PythonKey.precedes($0.key, $1.key) }
    var list = PythonList()
    for element in elements { list.append(element.value) }
    return list.value(as: .set(list.element ?? PythonValue.type(of: Element.self, in: place)))
  }

  static func read(_ node: JSONNode, isPlain: Bool) throws -> Set<Element> {
    Set(try [Element].read(node, isPlain: isPlain))
  }
}
