import Foundation
import TestSupport
import Testing

@testable import Sematic

private struct Halves: Codable, Sendable {
  var left: Double
  var right: Double
}

private struct Inner: Codable, Sendable {
  var label: String
  var values: [Double]
}

private struct Wrapped: Codable, Sendable { var inner: Inner }

private struct Common: Codable, Sendable {
  var count: Int
  var flag: Bool
  var text: String
  var rounds: Int
}

private let start = SematicFunction("start") { (number: Double) in [number, number * 1.5] }
private let first = SematicFunction("first") { (values: [Double]) in values[0] + 0.25 }
private let second = SematicFunction("second") { (values: [Double]) in values[1] + 0.25 }
private let join = SematicFunction("join") { (halves: Halves) in halves.left + halves.right }
private let diamond = SematicFunction("diamond") { (number: Double) async throws -> Double in
  let values = try await start(number)
  async let left = first(values)
  async let right = second(values)
  return try await join(Halves(left: left, right: right))
}

private let double = SematicFunction("double") { (number: Double) in number * 2 }
private let total = SematicFunction("total") { (values: [Double]) in values.reduce(0, +) }
private let fan = SematicFunction("fan") { (number: Double) async throws -> Double in
  let values = try await withThrowingTaskGroup(of: Double.self) { group in
    for index in 0..<10 { group.addTask { try await double(number + Double(index)) } }
    return try await group.reduce(into: []) { $0.append($1) }
  }
  return try await total(values)
}

private let outer = SematicFunction("outer") { (number: Double) async throws -> Double in
  let middle = try await diamond(number)
  return try await double(middle)
}

private let measure = SematicFunction("measure") { (wrapped: Wrapped) in wrapped.inner.values.count }
private let structured = SematicFunction("structured") { (number: Double) async throws -> Int in
  let values = try await start(number)
  return try await measure(Wrapped(inner: Inner(label: "a", values: values)))
}

private let zero = SematicFunction("zero") { 0 }
private let truth = SematicFunction("truth") { true }
private let nothing = SematicFunction("nothing") { "" }
private let count = SematicFunction("count") { (text: String) in text.count }
private let consume = SematicFunction("consume") { (common: Common) in common.count }
private let coincidence = SematicFunction("coincidence") { () async throws -> Int in
  _ = try await consume(Common(count: 5, flag: false, text: "a", rounds: 7))
  let (number, flag, text) = (try await zero(), try await truth(), try await nothing())
  _ = try await count("seven..")
  return try await consume(Common(count: number, flag: flag, text: text, rounds: 7))
}

@Suite(.enabled(if: SematicServer.isAvailable)) struct GraphTests {
  /// The edges of a pipeline by the names of the runs at their ends, as the UI draws them: without the runs that only
  /// gather values, and by `-` where an edge leads to the run around.
  private func drawn(_ root: String, on server: SematicServer) throws -> [String] {
    let graph = try server.call("GET", "/runs/\(root)/graph?root=1")
    let runs = try #require(graph["runs"] as? [[String: Any]])
    let names = Dictionary(uniqueKeysWithValues: runs.map { ($0["id"] as? String ?? "", $0["name"] as? String ?? "") })
    let ends = try #require(graph["edges"] as? [[String: Any]])
      .map { (from: $0["source_run_id"] as? String, to: $0["destination_run_id"] as? String) }
    func isHidden(_ run: String?) -> Bool { run.flatMap { names[$0] }?.hasPrefix("_make_") == true }
    var found: Set<String> = []
    for edge in ends {
      guard let from = edge.from, !isHidden(from) else { continue }
      for target in isHidden(edge.to) ? ends.filter({ $0.from == edge.to }).map(\.to) : [edge.to] {
        found.insert("\(from) \(names[from] ?? "") -> \(target.flatMap { names[$0] } ?? "-")")
      }
    }
    return found.map { String($0.drop { $0 != " " }.dropFirst()) }.sorted()
  }

  private func record<Output>(_ pipeline: Pipeline<Output>, on server: SematicServer) async throws -> [String] {
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    return try drawn(#require(try await pipeline.resolve(with: resolver).run).id, on: server)
  }

  @Test func `values that are handed on connect the steps, as in Python`() async throws {
    let server = try SematicServer()
    let script = """
      import sematic, typing
      from dataclasses import dataclass
      @sematic.func
      def start(number: float) -> typing.List[float]: return [number, number * 1.5]
      @sematic.func
      def first(values: typing.List[float]) -> float: return values[0] + 0.25
      @sematic.func
      def second(values: typing.List[float]) -> float: return values[1] + 0.25
      @sematic.func
      def join(left: float, right: float) -> float: return left + right
      @sematic.func
      def diamond(number: float) -> float:
          values = start(number)
          return join(first(values), second(values))
      @sematic.func
      def double(number: float) -> float: return number * 2
      @sematic.func
      def total(values: typing.List[float]) -> float: return sum(values)
      @sematic.func
      def fan(number: float) -> float: return total([double(number + index) for index in range(10)])
      @sematic.func
      def outer(number: float) -> float: return double(diamond(number))
      for pipeline in (diamond, fan, outer):
          future = pipeline(2.5)
          sematic.LocalRunner().run(future)
          print("run", future.id)
      """
    let folder = try TemporaryFolder("client")
    let python = try ChildProcess.run(
      [try SematicServer.program("python"), folder.write("graphs.py", script)],
      environment: [
        "SEMATIC_API_ADDRESS": server.address, "SEMATIC_SERVER_ADDRESS": server.address, "HOME": folder.path,
        "PATH": "/usr/bin:/bin",
      ])
    let recorded = python.output.split(separator: "\n").filter { $0.hasPrefix("run ") }.map { String($0.dropFirst(4)) }
    try #require(recorded.count == 3, "\(python.output)")
    let swift = [
      try await record(diamond.with(2.5), on: server), try await record(fan.with(2.5), on: server),
      try await record(outer.with(2.5), on: server),
    ]
    #expect(
      swift[0]
        == ["diamond -> -", "first -> join", "join -> -", "second -> join", "start -> first", "start -> second"])
    #expect(swift[1].count { $0 == "double -> total" } == 10)
    #expect(swift[2].contains("diamond -> double"))
    for (swift, run) in zip(swift, recorded) { #expect(try drawn(run, on: server) == swift) }
  }

  @Test func `a part of an argument connects, and what is equal by chance does not`() async throws {
    let server = try SematicServer()
    #expect(
      try await record(structured.with(2.5), on: server) == ["measure -> -", "start -> measure", "structured -> -"])
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    let result = try await coincidence.resolve(with: resolver)
    let edges = try drawn(#require(result.run).id, on: server)
    #expect(edges.allSatisfy { $0.hasSuffix(" -> -") }, "\(edges)")
  }
}
