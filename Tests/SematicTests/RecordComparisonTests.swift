import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

private enum Level: String, Codable, Sendable, SematicNamed {
  case low = "LOW"
  case high = "HIGH"
  static let sematicName = "shapes.Level"
}

private struct Sample: Codable, Sendable, SematicNamed {
  var x: Double
  var label: String
  static let sematicName = "shapes.Sample"
}

private struct Settings: Codable, Sendable, SematicNamed {
  var rounds: Int
  var level: Level
  var note: String?
  static let sematicName = "shapes.Settings"
}

private struct Fit: Codable, Sendable, SematicNamed {
  var mean: Double
  var samples: [Sample]
  var level: Level
  static let sematicName = "shapes.Fit"
}

private struct ValueError: Error, CustomStringConvertible { let description: String }

private let load = SematicFunction("load", description: "Makes samples.") { (input: LoadInput) in
  (0..<input.count).map { Sample(x: Double($0) / 2, label: "sample \($0)") }
}
private struct LoadInput: Codable, Sendable { var count: Int }

private let square = SematicFunction("square") { (input: SquareInput) in input.value * input.value }
private struct SquareInput: Codable, Sendable { var value: Double }

private let total = SematicFunction("total") { (input: TotalInput) in input.values.reduce(0, +) }
private struct TotalInput: Codable, Sendable { var values: [Double] }

private let spread = SematicFunction("spread") { (input: StartInput) async throws -> Double in
  async let squares = (0..<3).asyncMap { try await square(SquareInput(value: input.start + Double($0))) }
  return try await total(TotalInput(values: squares))
}
private struct StartInput: Codable, Sendable { var start: Double }

private let fit = SematicFunction("fit", retry: RetrySettings(retries: 2) { $0 is ValueError }, tags: ["fitted"]) {
  (input: FitInput) in
  if RunInformation.current?.attempt == 1 { throw ValueError(description: "not yet") }
  return Fit(mean: input.mean, samples: input.samples, level: input.settings.level)
}
private struct FitInput: Codable, Sendable {
  var samples: [Sample]
  var mean: Double
  var settings: Settings
}

private let pipeline = SematicFunction("pipeline", description: "Fits samples.") {
  (input: PipelineInput) async throws -> Fit in
  async let samples = load(LoadInput(count: input.settings.rounds))
  async let mean = spread(StartInput(start: input.start))
  return try await fit(FitInput(samples: samples, mean: mean, settings: input.settings))
}
private struct PipelineInput: Codable, Sendable {
  var settings: Settings
  var start: Double
  var note: String
}

private let refuse = SematicFunction("refuse") { (input: SquareInput) async throws -> Double in
  throw ValueError(description: "refused")
}
private let failing = SematicFunction("failing") { (input: StartInput) async throws -> Double in
  try await refuse(SquareInput(value: try await square(SquareInput(value: input.start))))
}

extension Range<Int> {
  fileprivate func asyncMap<Result: Sendable>(
    _ transform: @escaping @Sendable (Int) async throws -> Result
  ) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}

/// All that the server has of a pipeline, in lines that are the same for the same pipeline: runs by name instead of
/// identifiers, functions without their module, and of times only that they are there.
private struct Records {
  private(set) var lines: [String] = []

  init(_ root: String, on server: SematicServer) throws {
    let graph = try server.call("GET", "/runs/\(root)/graph?root=1")
    let runs = try #require(graph["runs"] as? [[String: Any]])
    let edges = try #require(graph["edges"] as? [[String: Any]])
    let artifacts = try #require(graph["artifacts"] as? [[String: Any]])
    var labels: [String: String] = [:]
    func label(_ id: Any?) -> String { (id as? String).map { labels[$0] ?? "unknown" } ?? "-" }
    // Runs of one name are told apart by what they get.
    for run in runs {
      let id = run["id"] as? String ?? ""
      let inputs = edges.filter { $0["destination_run_id"] as? String == id }
        .map { "\($0["destination_name"] ?? "")=\(($0["artifact_id"] as? String ?? "").prefix(6))" }.sorted()
      labels[id] = "\(run["name"] ?? "")(\(inputs.joined(separator: ",")))"
    }
    for edge in edges {
      let name = edge["destination_name"] as? String ?? ""
      labels[edge["id"] as? String ?? ""] =
        "\(label(edge["source_run_id"])) -> \(label(edge["destination_run_id"])).\(name)"
    }
    func add(_ kind: String, _ name: String, _ row: [String: Any]) throws {
      for (field, value) in row where !Self.isIgnored(field, in: kind, row) {
        let text: String
        switch (field, value) {
        case (_, is NSNull): text = "null"
        case (_, _) where field.hasSuffix("_at"): text = "a time"
        case ("function_path", let path as String): text = String(path.split(separator: ".").last ?? "")
        case ("exception_metadata_json", let failure as [String: Any]): text = "\(failure["name"] ?? "")"
        case (_, let id as String) where labels[id] != nil: text = label(id)
        default:
          let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
          text = String(decoding: data, as: UTF8.self)
        }
        lines.append("\(kind) \(name) \(field): \(text)")
      }
    }
    for run in runs { try add("run", label(run["id"]), run) }
    for edge in edges { try add("edge", label(edge["id"]), edge) }
    for artifact in artifacts { try add("artifact", artifact["id"] as? String ?? "", artifact) }
    try add("resolution", label(root), server.resolution(root))
  }

  private static func isIgnored(_ field: String, in kind: String, _ row: [String: Any]) -> Bool {
    // The source is in another language, and the place of it in another repository, or in none.
    if field == "source_code" && row["name"] as? String != "_make_list" || field == "git_info_json" { return true }
    // Python's local runner says when a function ended only where it has called others; here it is always said.
    return field == "ended_at" && kind == "run" && row["future_state"] as? String == "RESOLVED"
  }
}

/// The same pipelines, run in Python and here, and recorded on one server.
private struct RecordedPipelines {
  let server: SematicServer
  /// The runs of the one that succeeds.
  let python: String
  let swift: String
  let pythonFailing: String
  let swiftFailing: String

  static let fixtures = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/Fixtures"

  init() async throws {
    let server = try SematicServer()
    self.server = server
    let folder = try TemporaryFolder("client")
    let result = try ChildProcess.run(
      [try SematicServer.program("python"), Self.fixtures + "/records/records.py"],
      environment: [
        "SEMATIC_API_ADDRESS": server.address, "SEMATIC_SERVER_ADDRESS": server.address, "HOME": folder.path,
        "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1",
      ])
    let recorded = result.output.split(separator: "\n").filter { $0.hasPrefix("run ") }.map { String($0.dropFirst(4)) }
    try #require(recorded.count == 2, "\(result.output)")
    (python, pythonFailing) = (recorded[0], recorded[1])
    let resolver = LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address])
    let input = PipelineInput(settings: Settings(rounds: 3, level: .high), start: 1.25, note: "a note")
    swift = try #require(try await pipeline.with(input).resolve(with: resolver).run).id
    await #expect(throws: ValueError.self) { try await failing.with(StartInput(start: 1.25)).resolve(with: resolver) }
    let failed = try server.runs().filter { $0["name"] as? String == "failing" }.compactMap { $0["id"] as? String }
    swiftFailing = try #require(failed.first { $0 != recorded[1] })
  }

  /// What a person finds on the page of a run.
  func page(of run: String) throws -> [String: Any] {
    var command = [try SematicServer.program("python"), Self.fixtures + "/ui/read-page.py", try #require(Browser.name)]
    command += [server.address, run, "pipeline", "fit"]
    // For people who want to see it.
    if let folder = ProcessInfo.processInfo.environment["UI_SCREENSHOTS"] {
      command += ["--screenshot", "\(folder)/\(run == swift ? "swift" : "python").png"]
    }
    let result = try ChildProcess.run(command, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    let page = try? JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return try #require(page, "\(result.output)")
  }
}

/// A browser without a window.
private enum Browser {
  static let names = ["chromium-headless-shell", "chromium", "google-chrome"]
  static var name: String? { names.first { ChildProcess.find($0) != nil } }
  static var isAvailable: Bool { names.contains { ChildProcess.canRun($0) } }
}

@Suite(.enabled(if: SematicServer.isAvailable)) struct RecordComparisonTests {
  @Test func `a pipeline in Swift leaves the records of the same one in Python`() async throws {
    let recorded = try await RecordedPipelines()
    func difference(_ theirs: String, _ ours: String) throws -> [String] {
      let (expected, found) = (
        try Records(theirs, on: recorded.server).lines, try Records(ours, on: recorded.server).lines
      )
      #expect(expected.count == found.count)
      return Set(expected).symmetricDifference(found)
        .map { (expected.contains($0) ? "Python: " : "Swift: ") + $0 }.sorted()
    }
    // Python loses, of a structure that is handed on, where it came from.
    let settings = "edge - -> fit(mean=5d0c50,samples=b0a059,settings=f10320).settings parent_id: "
    #expect(
      try difference(recorded.python, recorded.swift) == [
        "Python: \(settings)null",
        "Swift: \(settings)- -> pipeline(note=f9052c,settings=f10320,start=2276ab).settings",
      ])
    // Python's function has returned the step's future when the step fails; Swift's has not returned.
    let (step, function) = ("refuse(value=9d8cb3)", "failing(start=2276ab)")
    #expect(
      try difference(recorded.pythonFailing, recorded.swiftFailing) == [
        "Python: edge \(step) -> -. parent_id: \(function) -> -.",
        "Python: run \(function) nested_future_id: \(step)",
        "Swift: edge \(step) -> -. parent_id: null",
        "Swift: run \(function) nested_future_id: null",
      ])
  }

  @Test(.enabled(if: Browser.isAvailable))
  func `Sematic's UI shows the same graph and the same values as for Python, and the text of each function`()
    async throws
  {
    let recorded = try await RecordedPipelines()
    let (python, swift) = (try recorded.page(of: recorded.python), try recorded.page(of: recorded.swift))
    let graph = try #require(swift["graph"] as? [String])
    #expect(
      graph == [
        "fit", "load", "pipeline", "spread", "square", "square", "square", "total", "fit -> pipeline", "load -> fit",
        "spread -> fit", "square -> total", "square -> total", "square -> total", "total -> spread",
      ])
    #expect(python["graph"] as? [String] == graph)
    func lines(_ page: [String: Any], _ function: String, _ tab: String) -> [String] {
      let text = (page[function] as? [String: Any])?[tab] as? String ?? ""
      return text.split(separator: "\n").map(String.init)
    }
    for (function, tab) in [("pipeline", "Input"), ("pipeline", "Output"), ("fit", "Input"), ("fit", "Output")] {
      // The order of the arguments is that of the database.
      let shown = lines(swift, function, tab).sorted()
      #expect(shown.contains("17.1875") || function == "pipeline" && tab == "Input", "\(shown)")
      #expect(shown == lines(python, function, tab).sorted())
    }
    let source = lines(swift, "fit", "Source").map { $0.drop { $0.isNumber } }
    #expect(source.contains("  if RunInformation.current?.attempt == 1 { throw ValueError(description: \"not yet\") }"))
    #expect(source.last == "}")
    // What the UI itself would ask of others, for all runs.
    let own: Set = ["app.posthog.com", "fonts.googleapis.com", String(recorded.server.address.dropFirst(7))]
    #expect(Set(try #require(swift["requests"] as? [String])).isSubset(of: own))
  }
}
