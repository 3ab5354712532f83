import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite struct RunLocalTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch, registry: registry.invalid}, WordCount: {}}\n")
    }

    @Test func `The program sees no image, whatever the shell has set`() throws {
      let image = "stale.example/x@sha256:\(String(repeating: "0", count: 64))"
      let result = try copy.run(
        ["run-local", "--pipeline", "Probe", "--", "a  b"],
        environment: [Variable.single: image, Variable.several: "::default##\(image)", "KEPT": "yes"])
      #expect(result.status == 0, "\(result.errorOutput)")
      let report = try ProbeReport(result.output)
      #expect(report.arguments == ["a  b"])
      #expect(!report.hasImage)
      #expect(report.environment.keys.filter { $0.hasPrefix("SEMATIC_") }.isEmpty)
      #expect(report.environment["KEPT"] == "yes")
      #expect(report.foundResources)
    }

    @Test func `The tool by itself hands the program's exit status on`() throws {
      _ = try copy.run(["run-local", "--pipeline", "Probe"])
      let result = try ChildProcess.run([
        try VerbScratch.tool(), "run", "--local", "--executable", copy.scratch + "/release/Probe", "--", "--exit", "41",
      ])
      #expect(result.status == 41, "\(result.output)")
      #expect(try ProbeReport(result.output).arguments == ["--exit", "41"])
    }

    @Test func `A file can be read where the user stands`() throws {
      let folder = try TemporaryFolder("local")
      try folder.write("input.txt", "read by the program\n")
      let result = try copy.run(["run-local", "--pipeline", "Probe", "--", "--read", folder.file("input.txt")])
      #expect(result.output.hasSuffix("read by the program\n"), "\(result.output)")
    }
  }
}
