import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension EndToEndTests {
  /// Projects in Python as people lay them out (Tests/Fixtures/python), by the tool alone: without Swift, here and in the
  /// cluster.
  @Suite(.serialized) struct PythonProjectTests {
    let cluster: Cluster
    private let project = PackageCopy.home + "/a project"

    init() throws { cluster = try Cluster.shared() }

    struct Shape: Sendable, CustomTestStringConvertible {
      let project: String
      let pipeline: String
      let argument: String
      let output: JSONValue
      /// What the user's own environment has to find, by paths in the project.
      var userPaths: [String] = []

      var testDescription: String { "\(project): \(pipeline)" }
    }

    static let shapes = [
      Shape(project: "package-folder", pipeline: "Greeting", argument: "ä b", output: .string("hello ä b")),
      Shape(project: "monorepo", pipeline: "Double", argument: "7", output: .integer(14)),
      Shape(project: "monorepo", pipeline: "Square", argument: "7", output: .integer(49)),
      Shape(project: "src-layout", pipeline: "Reverse", argument: "abc", output: .string("cba")),
      Shape(project: "namespace", pipeline: "Team", argument: "abc", output: .string("ABC")),
      Shape(project: "data", pipeline: "Report", argument: "pear", output: .string("pear: 4 EUR")),
      Shape(
        project: "dependencies", pipeline: "Shout", argument: "abc", output: .string("ABC! ABC!"),
        userPaths: ["libraries/shouting/source", "here"]),
    ]

    @Test(arguments: shapes) func `What works here works in the cluster`(_ shape: Shape) throws {
      // What is below .build stays: most of them have the same requirements.
      for name in (try? FileTree.names(in: project)) ?? [] where name != ".build" {
        try FileTree.remove("\(project)/\(name)")
      }
      try FileTree.createDirectory(project)
      let copied = try ChildProcess.run([
        "cp", "--recursive", "\(VerbScratch.repository)/Tests/Fixtures/python/\(shape.project)/.", project,
      ])
      try #require(copied.status == 0, "\(copied.output)")
      try PackageCopy.describeBases(in: project, cluster)
      try prepare()

      let local = try tool(["run-local"], shape)
      try #require(local.status == 0, "\(local.output)")
      let expected = try shape.output.string ?? String(decoding: canonicalJSON(shape.output), as: UTF8.self)
      #expect(local.output.split(separator: "\n").last.map(String.init) == expected, "\(local.output)")

      let run = try tool(["run", "--registry", cluster.registry.address], shape)
      let identifier = try #require(PackageCopy.identifier(in: run.output), "\(run.output)")
      try #require(run.status == 0, "\(run.output)")
      #expect(!run.output.contains("warning: "), "\(run.output)")
      let record = try cluster.outcome(of: identifier)
      #expect(record.status == "COMPLETE")
      #expect(try cluster.output(of: record.run, in: record) == shape.output)
    }

    private func tool(_ verb: [String], _ shape: Shape) throws -> ChildProcess.Result {
      let tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
      var environment = ProcessInfo.processInfo.environment.merging(try PackageCopy.environment(cluster)) { $1 }
      environment["PYTHONPATH"] = shape.userPaths.map { "\(project)/\($0)" }.joined(separator: ":")
      // From a folder of the project, as people call it.
      return try ChildProcess.run(
        [tool] + verb + ["--pipeline", shape.pipeline, "--", shape.argument], environment: environment,
        folder: try FileTree.names(in: project).map { "\(project)/\($0)" }.first(where: FileTree.isDirectory) ?? project
      )
    }

    /// The packages as Tests/sematic has fetched them, beside those that the project brings.
    private func prepare() throws {
      let pins = try FileTree.read("\(VerbScratch.repository)/Tests/Fixtures/sematic-constraints.txt")
      let own = String(decoding: try FileTree.read(project + "/requirements.txt"), as: UTF8.self)
        .split(separator: "\n").filter { !$0.hasPrefix("sematic==") }
      let lines = ["--no-index", "--find-links \(try SematicServer.wheels())"] + own
      try AtomicFile.write((lines.joined(separator: "\n") + "\n").utf8 + pins, to: project + "/requirements.txt")
      guard FileTree.isDirectory(project + "/libraries") else { return }
      let module = "def twice(text):\n    return text + ' ' + text\n"
      var wheel = CraftedWheel("vendoring")
      wheel.files = ["vendoring.pth": "vendoring_files\n", "vendoring_files/vendored.py": module]
      try wheel.write(in: project + "/wheels")
      try AtomicFile.write(module.utf8, to: project + "/here/vendored.py")
    }
  }
}
