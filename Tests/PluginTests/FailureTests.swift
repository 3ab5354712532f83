import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite struct FailureTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch}}\n")
    }

    @Test func `An early failure makes the verb fail, every time`() throws {
      // Each run costs about a second: FAILURE_RUNS=200 for the long proof.
      let runs = ProcessInfo.processInfo.environment["FAILURE_RUNS"].flatMap { Int($0) } ?? 20
      for run in 1...runs {
        let result = try copy.run(["push-image", "--pipeline", "nowhere"])
        guard result.status == 1, result.errorOutput.contains("error: "), result.errorOutput.contains("nowhere") else {
          Issue.record("run \(run): status \(result.status): \(result.output)\(result.errorOutput)")
          return
        }
      }
    }

    @Test(arguments: ["build-image", "push-image", "run-pipeline", "run-local"])
    func `A mistake in the pipeline file fails every verb with its place`(verb: String) throws {
      try copy.configure("version: 1\npipelines:\n  Probe:\n    base: scratch\n    repositry: x\n")
      let result = try copy.run([verb])
      #expect(result.status == 1)
      #expect(result.errorOutput.contains("sematic.yaml:5"), "\(result.errorOutput)")
      #expect(result.errorOutput.contains("repositry"), "\(result.errorOutput)")
      #expect(result.errorOutput.contains("repository"), "\(result.errorOutput)")
      #expect(!result.output.contains("probe {"))
    }

    @Test func `An unknown option fails and is named`() throws {
      let result = try copy.run(["build-image", "--frobnicate"])
      #expect(result.status == 1)
      #expect(result.errorOutput.contains("--frobnicate"), "\(result.errorOutput)")
      #expect(
        result.errorOutput.contains(
          "usage: swift package build-image [options]\n\nhint: `swift package build-image --help` lists the options"),
        "\(result.errorOutput)")
    }

    @Test func `A package path behind the verb is refused, with where it belongs`() throws {
      let result = try copy.run(["build-image", "--package-path", "/"])
      #expect(result.status == 1)
      #expect(
        result.errorOutput.contains("hint: write it in front: `swift package --package-path / build-image`"),
        "\(result.errorOutput)")
    }

    @Test(arguments: ["build-image", "push-image", "run-pipeline", "run-local"])
    func `Help is given on the standard output`(verb: String) throws {
      let result = try copy.run([verb, "--help"])
      #expect(result.status == 0, "\(result.errorOutput)")
      #expect(result.output.contains("USAGE: swift package \(verb) [options]"), "\(result.output)")
      #expect(!result.output.contains("ImageTool"), "\(result.output)")
      for option in ["--pipeline", "--dry-run"] { #expect(result.output.contains(option)) }
      // Options of an image, which run-local has none of.
      for option in ["--registry", "--base", "--metadata-file"] {
        #expect(result.output.contains(option) == (verb != "run-local"), "\(option)")
      }
      // SwiftPM has an option of this name in front of the verb.
      #expect(!result.output.contains("--package-path"))
    }

    @Test func `A product that does not compile fails the verb with the compiler's words`() throws {
      let source = copy.path + "/Sources/WordCount/Broken.swift"
      try AtomicFile.write(Array("let broken: Int = \"no number\"\n".utf8), to: source)
      defer { try? FileTree.remove(source) }
      try copy.configure("version: 1\npipelines: {WordCount: {base: scratch}}\n")
      let result = try copy.run(["build-image"])
      #expect(result.status == 1)
      #expect((result.output + result.errorOutput).contains("cannot convert value"))
      #expect(result.layouts.isEmpty)
    }

    @Test(arguments: [SIGKILL, SIGSEGV, SIGTERM]) func `A tool that a signal ends makes the verb fail`(
      signal: Int32
    ) throws {
      let silent = try SilentRegistry()
      // With its backtraces on, Swift's runtime lives on after a SIGSEGV that comes from outside.
      let run = try copy.start(
        ["push-image", "--pipeline", "Probe", "--registry", silent.address],
        environment: ["SWIFT_BACKTRACE": "enable=no"])
      let tool = try run.waitUntil { try silent.hasCaller ? Self.tool(calling: silent.address) : nil }
      kill(tool, signal)
      let result = run.wait()
      #expect(result.status == 1, "\(result.output)\(result.errorOutput)")
      #expect(result.references.isEmpty)
    }

    static func tool(calling address: String) throws -> Int32? {
      try SwiftPackageRun.processes(with: address).first { identifier in
        (try? FileTree.destination(ofLink: "/proc/\(identifier)/exe"))?.contains("ImageTool") == true
      }
    }
  }
}

/// A registry that takes every call and never answers.
final class SilentRegistry: @unchecked Sendable {  // its count is guarded by the lock
  private let socket: ListeningSocket
  private let lock = NSLock()
  private var callers: [CInt] = []

  init() throws {
    socket = try ListeningSocket()
    Thread.detachNewThread { [self] in
      while let caller = socket.accept() { lock.withLock { callers.append(caller) } }
    }
  }

  deinit {
    socket.close()
    for caller in callers { close(caller) }
  }

  var address: String { "127.0.0.1:\(socket.port)" }
  var hasCaller: Bool { lock.withLock { !callers.isEmpty } }
}
