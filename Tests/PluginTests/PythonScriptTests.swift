import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  /// A launch script in Python in a Swift package, through the verbs.
  @Suite(.enabled(if: ChildProcess.canRun("python3"))) struct PythonScriptTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\npipelines: {script: {script: python/main.py}}\n")
      try AtomicFile.write(
        Array(
          """
          import shutil, subprocess, sys
          print(*sys.argv[1:], sep="|")
          print(subprocess.run(["WordCount"], check=True, capture_output=True, text=True).stdout.splitlines()[0])
          print(shutil.which("Probe") is not None)

          """.utf8), to: copy.path + "/python/main.py")
    }

    @Test func `The script is started with every product of the package on PATH`() throws {
      let result = try copy.run(["run-local", "--", "a  b", "c"])
      #expect(result.output == "a  b|c\nno image\nTrue\n", "\(result.errorOutput)")
      #expect(result.status == 0)
    }

    @Test func `Without the server that it needs, nothing is built`() throws {
      let line = "from sematic import CloudRunner\nprint(CloudRunner())\n"
      try AtomicFile.write(Array(line.utf8), to: copy.path + "/python/main.py")
      let dead = ["SEMATIC_API_ADDRESS": "http://127.0.0.1:\(try closedPort())"]
      let result = try copy.run(["run-pipeline", "--base", "scratch"], environment: dead)
      #expect(result.status == 1)
      #expect(
        result.errorOutput.contains("error: the Sematic server at http://127.0.0.1:"), "\(result.errorOutput)")
      #expect(result.errorOutput.contains("hint: check that the server runs"), "\(result.errorOutput)")
      // The plugin has SwiftPM build nothing.
      #expect(!result.errorOutput.contains("'WordCount'"), "\(result.errorOutput)")
    }

    @Test func `Its image has the worker, the sources and every product, and what they share once`() throws {
      let result = try copy.run(["build-image", "--dry-run", "--base", "oci:" + WorkerBase.layout() + ":worker"])
      #expect(result.status == 0, "\(result.errorOutput)")
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.contains("entrypoint: /sematic/entrypoint"))
      for path in ["bin/Probe", "bin/WordCount", "bin/libswiftCore.so", "app/python/main.py", "entrypoint"] {
        #expect(lines.count { $0.hasSuffix("  /sematic/" + path) } == 1, "\(path): \(result.output)")
      }
      #expect(lines.contains { $0.hasSuffix("/sematic/bin/word-count_WordCount.resources/rain.txt") })
    }
  }
}
