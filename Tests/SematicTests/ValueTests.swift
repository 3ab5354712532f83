import Foundation
import TestSupport
import Testing

@testable import Sematic

private enum Shape: Codable, Equatable, Sendable {
  case circle(radius: Double)
  case named(String, Int)
  case empty
  indirect case both(Shape, Shape)
}

private enum Level: Int, Codable, CaseIterable, Sendable { case low = 1, high = 2 }
private enum Color: String, Codable, Sendable { case red, green }

private struct Tree: Codable, Equatable, Sendable {
  var name: String
  var children: [Tree] = []
}

private struct Pair<First: Codable & Hashable & Sendable, Second: Codable & Equatable & Sendable>:
  Codable, Equatable, Sendable
{
  var first: First
  var second: Second
}

private struct Key: Codable, Hashable, Sendable {
  var x: Int
  var y: Int
}

private final class Base: Codable, Sendable {
  let next: Base?
  let number: Int

  init(_ number: Int, next: Base? = nil) { (self.number, self.next) = (number, next) }
}

/// A type that writes containers of its own.
private struct Nested: Codable, Equatable, Sendable {
  var matrix: [[Int]]
  var label: String

  private enum Outer: String, CodingKey { case inner, rows }
  private enum Inner: String, CodingKey { case label }

  init(matrix: [[Int]], label: String) { (self.matrix, self.label) = (matrix, label) }

  init(from decoder: any Decoder) throws {
    let outer = try decoder.container(keyedBy: Outer.self)
    label = try outer.nestedContainer(keyedBy: Inner.self, forKey: .inner).decode(String.self, forKey: .label)
    var rows = try outer.nestedUnkeyedContainer(forKey: .rows)
    matrix = []
    while !rows.isAtEnd {
      var row = try rows.nestedUnkeyedContainer()
      matrix.append([])
      while !row.isAtEnd { matrix[matrix.count - 1].append(try row.decode(Int.self)) }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var outer = encoder.container(keyedBy: Outer.self)
    var inner = outer.nestedContainer(keyedBy: Inner.self, forKey: .inner)
    try inner.encode(label, forKey: .label)
    var rows = outer.nestedUnkeyedContainer(forKey: .rows)
    for line in matrix {
      var row = rows.nestedUnkeyedContainer()
      for number in line { try row.encode(number) }
    }
  }
}

/// Its properties have the names that Python's forms have.
private struct Items: Codable, Equatable, Sendable {
  var items: [[String]]
}

private struct Everything: Codable, Equatable, Sendable {
  var bytes = Data([0, 1, 255, 39])
  var date = Date(timeIntervalSince1970: 1_700_000_000.25)
  var early = Date(timeIntervalSince1970: -0.5)
  var set: Set<Int> = [3]
  var url = URL(string: "https://example.com/a?b=c")
  var uuid = UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")
  var range = 1..<5
  var closed = "a"..."b"
  var missing: Int?
  var twice: Int?? = .some(.some(1))
  var shape = Shape.circle(radius: 1.5)
  var shapes = [Shape.empty, .named("a", 1), .both(.empty, .circle(radius: 0))]
  var level = Level.high
  var color = Color.green
  var tree = Tree(name: "a", children: [Tree(name: "b", children: [Tree(name: "c")]), Tree(name: "d")])
  var names = [1: "a", 20: "c", 3: "b"]
  var pair = Pair(first: "a", second: [1.5: [Date(timeIntervalSince1970: 0): Data([7])]])
  var keyed = [Key(x: 1, y: 2): "k"]
  var big = Int64.max - 1
  var infinite = [Double.infinity, 1e300, -0.0]
  var nested = Nested(matrix: [[1, 2], [], [3]], label: "n")
  var items = Items(items: [["a", "b"]])
  var noItems = Items(items: [])
  var options: [[Int?]?] = [[1, nil], nil]
  var byName = ["x": Tree(name: "y")]
  var character: [String] = ["\u{1F98A}", "\u{0}\\\"", "e\u{301}"]
}

@Suite struct ValueTests {
  private func roundTrip<Value: Codable & Sendable>(_ value: Value) throws -> Value {
    let artifact = Artifact(try PythonValue.top(value))
    return try ValueDecoder.top(Value.self, from: JSONDocument(artifact.payload.bytes).root)
  }

  @Test func `values of all kinds read back as they were, as arguments and as one`() throws {
    let value = Everything()
    #expect(try roundTrip(value) == value)
    let arguments = try PythonValue.arguments(value).mapValues { try JSONDocument($0.value.bytes).root }
    #expect(arguments.count == 26)
    #expect(try ValueDecoder.arguments(Everything.self, from: arguments) == value)
    #expect(try roundTrip([value]) == [value])
    #expect(try roundTrip(["a": value]) == ["a": value])
    #expect(try roundTrip(value.decimals) == value.decimals)
  }

  @Test func `single values read back as they were`() throws {
    #expect(try roundTrip(Decimal(string: "-3.14159265358979")) == Decimal(string: "-3.14159265358979"))
    #expect(try roundTrip(Double.nan).isNaN)
    #expect(try roundTrip([Float.nan])[0].isNaN)
    #expect(try roundTrip(Shape.both(.named("x", 2), .empty)) == .both(.named("x", 2), .empty))
    #expect(try roundTrip(Base(1, next: Base(2))).next?.number == 2)
    #expect(try roundTrip(Data()) == Data())
    #expect(try roundTrip(Data(repeating: 7, count: 70_000)) == Data(repeating: 7, count: 70_000))
    #expect(try roundTrip(PartialRangeFrom(3)).lowerBound == 3)
    #expect(try roundTrip(Duration.seconds(3.5)) == .seconds(3.5))
    #expect(try roundTrip(DateComponents(year: 2024, month: 2)) == DateComponents(year: 2024, month: 2))
    #expect(try roundTrip(TimeZone(identifier: "UTC")) == TimeZone(identifier: "UTC"))
    #expect(try roundTrip(Measurement(value: 2, unit: UnitLength.meters)).value == 2)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00+00:00"), (951_782_400, "2000-02-29T00:00:00+00:00"), (-1, "1969-12-31T23:59:59+00:00"),
    (-62_135_596_800, "0001-01-01T00:00:00+00:00"), (253_402_300_799, "9999-12-31T23:59:59+00:00"),
    (1.000001, "1970-01-01T00:00:01.000001+00:00"),
  ])
  func `dates are those of the calendar`(seconds: Double, text: String) throws {
    let date = Date(timeIntervalSince1970: seconds)
    #expect(String(decoding: try PythonValue.top(date).value.bytes, as: UTF8.self) == "\"\(text)\"")
    #expect(try roundTrip(date) == date)
  }

  @Test(arguments: ["2000-02-29T01:00:00+01:00", "2000-02-29 00:00:00", "2000-02-28T23:30:00.000000-00:30"])
  func `dates of Python are understood, in UTC where they do not say`(text: String) throws {
    let node = try JSONDocument(Array("\"\(text)\"".utf8)).root
    #expect(try ValueDecoder.top(Date.self, from: node) == Date(timeIntervalSince1970: 951_782_400))
  }

  @Test func `what cannot be recorded is refused, with the way to it`() {
    let cycle = Cycle()
    cycle.next = cycle
    let error = #expect(throws: SematicError.self) { try PythonValue.top(cycle) }
    #expect(error?.code == .unsupportedType)
    #expect(error?.description.contains("next.next.") == true)
    #expect(error?.description.hasSuffix("is nested more than 128 times, or contains itself") == true)
    let late = #expect(throws: SematicError.self) { try PythonValue.top(["a": [Date(timeIntervalSince1970: 1e12)]]) }
    #expect(late?.description.contains("\"a\".0: Python has no date") == true, "\(String(describing: late))")
    let throwing = #expect(throws: SematicError.self) { try PythonValue.top([Throwing()]) }
    #expect(throwing?.description.contains("0: not today") == true, "\(String(describing: throwing))")
  }

  private final class Cycle: Codable { var next: Cycle? }

  private struct Throwing: Codable {
    init() {}
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws {
      throw EncodingError.invalidValue(1, .init(codingPath: [], debugDescription: "not today"))
    }
  }

  @Test func `a value of another shape is refused, with the way to what differs`() throws {
    let node = try JSONDocument(Array("{\"name\": \"a\", \"children\": [{\"name\": 1, \"children\": []}]}".utf8)).root
    let error = #expect(throws: SematicError.self) { try ValueDecoder.top(Tree.self, from: node) }
    #expect(error?.description == "a recorded value cannot be read: children.0.name: 1 is not String")
  }

  @Test func `values as deep as Python can follow are recorded`() throws {
    var tree = Tree(name: "end")
    for _ in 0..<60 { tree = Tree(name: "", children: [tree]) }
    #expect(try roundTrip(tree) == tree)
  }

  /// The processor's time that this thread takes.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
  }

  @Test func `the time for large values grows with their size, not faster`() throws {
    func lines(_ count: Int) -> String {
      String(repeating: "a line with \"quotes\" \u{e9} and a tab\t\n", count: count)
    }
    func numbers(_ count: Int) -> [Double] { (0..<count).map { Double($0) / 7 } }
    func trees(_ count: Int) -> [Tree] { (0..<count).map { Tree(name: "\($0)", children: [Tree(name: "")]) } }
    func data(_ count: Int) -> Data { Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }) }
    func check<Value: Codable & Equatable & Sendable>(_ make: (Int) -> Value, _ count: Int) throws {
      let (small, large) = (make(count), make(4 * count))
      var read: Value?
      let one = try seconds { read = try roundTrip(small) }
      #expect(read == small)
      let four = try seconds { read = try roundTrip(large) }
      #expect(read == large)
      #expect(four < 8 * one + 0.1, "\(Value.self)")
    }
    try check(lines, 2_500)
    try check(numbers, 5_000)
    try check(trees, 100)
    try check(data, 50_000)
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `Python reads the same values, and plain mappings where it has no class`() async throws {
    let server = try SematicServer()
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    let function = SematicFunction("everything") { (input: Everything) in input }
    let result = try await function.with(Everything()).resolve(with: resolver)
    #expect(result.output == Everything())
    let script = """
      import sematic.api_client as api
      runs, artifacts, edges = api.get_graph("\(try #require(result.run).id)")
      found = {a.id: a for a in artifacts}
      for edge in sorted(edges, key=lambda e: str(e.destination_name)):
          print(edge.destination_name, repr(api.get_artifact_value(found[edge.artifact_id])))
      """
    let folder = try TemporaryFolder("client")
    let read = try ChildProcess.run(
      [try SematicServer.program("python"), "-c", script],
      environment: [
        "SEMATIC_API_ADDRESS": server.address, "SEMATIC_SERVER_ADDRESS": server.address, "HOME": folder.path,
        "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8",
      ])
    let lines: [String] = [
      #"bytes b"\x00\x01\xff'""#,
      "date datetime.datetime(2023, 11, 14, 22, 13, 20, 250000, tzinfo=datetime.timezone.utc)",
      "early datetime.datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=datetime.timezone.utc)", "set {3}",
      "url 'https://example.com/a?b=c'", "uuid 'E621E1F8-C36C-495A-93FC-0C247A3E6E5F'", "range [1, 5]",
      "closed ['a', 'b']", "missing None", "twice 1", "shape {'circle': {'radius': 1.5}}",
      "level 2", "color 'green'", "shape {'circle': {'radius': 1.5}}",
      "names {1: 'a', 3: 'b', 20: 'c'}", "keyed [({'x': 1, 'y': 2}, 'k')]",
      "big 9223372036854775806", "infinite [inf, 1e+300, -0.0]",
      "nested {'inner': {'label': 'n'}, 'rows': [[1, 2], [], [3]]}", "items {'items': [['a', 'b']]}",
      "noItems {'items': []}", "options [[1, None], None]", "byName {'x': {'children': [], 'name': 'y'}}",
      "pair {'first': 'a', 'second': [[1.5, [['1970-01-01T00:00:00+00:00', 'Bw==']]]]}",
    ]
    for line in lines {
      #expect(read.output.contains("\n" + line + "\n"), "\(line)\n\(read.output)")
    }
  }
}

extension Everything {
  fileprivate var decimals: [Decimal] { [0, 1.5, Decimal(sign: .minus, exponent: 20, significand: 7)] }
}
