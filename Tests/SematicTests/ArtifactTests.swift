import Foundation
import Testing

@testable import Sematic

private enum Color: String, Codable, CaseIterable, SematicNamed {
  case red = "RED"
  case green = "GREEN"
  static let sematicName = "shared.shapes.Color"
}

private struct Point: Codable, Equatable, SematicNamed {
  var x: Double
  var y: Double
  static let sematicName = "shared.shapes.Point"
}

private struct Drawing: Codable, Equatable, SematicNamed {
  var name: String
  var color: Color
  var points: [Point]
  var weights: [String: Double]
  var title: String?
  var origin: Point?
  var closed: Bool
  var count: Int
  static let sematicName = "shared.shapes.Drawing"
}

/// One artifact as the Python client makes it: see Fixtures/make-artifacts.py.
private struct Expected: Decodable {
  var id: String
  var type: String
  var summary: String?
  var payload: String?

  static let table: [String: Expected] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/artifacts.json")
    return (try? JSONDecoder().decode([String: Expected].self, from: Data(contentsOf: file))) ?? [:]
  }()
}

@Suite struct ArtifactTests {
  private static let full = Drawing(
    name: "a", color: .green, points: [Point(x: 0, y: 1.5), Point(x: -2, y: 1e-7)], weights: ["w": 0.1], title: "t",
    origin: Point(x: 1, y: 2), closed: true, count: 3)
  private static let empty = Drawing(
    name: "", color: .red, points: [], weights: [:], title: nil, origin: nil, closed: false, count: 0)

  /// The artifact is the client's, and its payload reads back as the value, which is then written the same again.
  private func check<Value: Codable>(_ name: String, _ value: Value) throws {
    let expected = try #require(Expected.table[name])
    let made = try PythonValue.top(value)
    let artifact = Artifact(made)
    #expect(made.type.document.canonical == expected.type, "\(name)")
    if let payload = expected.payload {
      #expect(String(decoding: artifact.payload.bytes, as: UTF8.self) == payload, "\(name)")
    }
    if let summary = expected.summary { #expect(artifact.row["json_summary"]?.canonical == summary, "\(name)") }
    #expect(artifact.identifier == expected.id, "\(name)")
    let read = try ValueDecoder.top(Value.self, from: JSONDocument(artifact.payload.bytes).root)
    #expect(Artifact(try PythonValue.top(read)).identifier == expected.id, "\(name)")
  }

  @Test func `numbers are those of the Python client`() throws {
    try check("int", 42)
    try check("negative", -7)
    try check("large", Int.max)
    try check("large", UInt64(Int64.max))
    try check("true", true)
    try check("false", false)
    let numbers = [
      "half": 0.5, "third": 1 / 3, "one": 1, "minusZero": -0.0, "small": 1e-05, "limit": 0.0001, "big": 1e16,
      "beforeBig": 1_234_567_890_123_456, "betweenBig": 12_345_678_901_234_568, "huge": .greatestFiniteMagnitude,
      "tiny": .leastNonzeroMagnitude,
      "avogadro": 6.02214076e23, "nan": .nan, "infinity": .infinity, "minusInfinity": -.infinity,
    ]
    for (name, number) in numbers { try check(name, number) }
  }

  @Test func `texts are those of the Python client`() throws {
    try check("text", "hello")
    try check("unicode", "h\u{e9}llo \u{2603} \u{1F98A} \"q\" \\ /\n\t\u{7f}\0")
    try check("empty", "")
  }

  @Test func `lists and dictionaries are those of the Python client`() throws {
    try check("ints", [1, 2, 3])
    try check("noInts", [Int]())
    try check("floats", [0.1, .nan])
    try check("texts", ["a", "b"])
    try check("nested", [[1], []])
    try check("longList", Array(0..<40000))
    try check("dict", ["a": 1.0])
    try check("numbers", [3: "c", 1: "a", 2: "b"])
    try check("noDict", [String: Int]())
  }

  @Test func `optionals are those of the Python client`() throws {
    try check("some", Int?.some(5))
    try check("none", Int?.none)
    try check("options", [1, nil] as [Int?])
  }

  @Test func `structures and enumerations are those of the Python client`() throws {
    try check("color", Color.red)
    try check("colors", [Color.red, .green])
    try check("point", Point(x: 1, y: -2.5))
    try check("points", [Point(x: 1, y: 2)])
    try check("noPoints", [Point]())
    try check("byName", ["p": Point(x: 0, y: 0)])
    try check("full", Self.full)
    try check("emptyDrawing", Self.empty)
  }

  @Test func `the table of the Python client is there`() {
    #expect(Expected.table.count == 43)
  }

  @Test(arguments: [full, empty])
  private func `a structure reads back as it was`(drawing: Drawing) throws {
    let artifact = Artifact(try PythonValue.top(drawing))
    #expect(try ValueDecoder.top(Drawing.self, from: JSONDocument(artifact.payload.bytes).root) == drawing)
  }

  @Test func `each property of a function's input is an argument`() throws {
    let arguments = try PythonValue.arguments(Self.empty)
    #expect(
      arguments.keys.sorted() == ["closed", "color", "count", "name", "origin", "points", "title", "weights"])
    #expect(arguments["title"]?.type == PythonType.none)
    for drawing in [Self.full, Self.empty] {
      let values = try PythonValue.arguments(drawing).mapValues { try JSONDocument($0.value.bytes).root }
      #expect(try ValueDecoder.arguments(Drawing.self, from: values) == drawing)
    }
    #expect(try PythonValue.arguments([1, 2]).keys.sorted() == ["input"])
    #expect(try ValueDecoder.arguments([Int].self, from: ["input": JSONDocument(Array("[1]".utf8)).root]) == [1])
    #expect(try PythonValue.arguments(NoInput()).isEmpty)
    #expect(try ValueDecoder.arguments(NoInput.self, from: [:]) == NoInput())
  }
}
