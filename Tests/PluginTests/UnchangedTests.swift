import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite(.enabled(if: FileTree.exists("/proc/self/io"))) struct UnchangedTests {
    /// Above nothing, with the system's and Swift's libraries: 60 MB of files.
    @Test func `What has not changed is not read again, but with --no-cache`() throws {
      let copy = try StarterCopy.shared()
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch}}\n")
      #expect(try copy.run(["build-image", "--pipeline", "Probe"]).status == 0)
      let folder = try TemporaryFolder("unchanged")
      let program = try FileTree.resolved(copy.scratch + "/release") + "/Probe"
      func bytesRead(_ option: String...) throws -> Int {
        // The shell's own figures are those of all that it started and saw end.
        let script = #""$@" >"$OUT" 2>&1 || cat "$OUT"; sed -n 's/rchar: //p' /proc/$$/io"#
        let result = try ChildProcess.run(
          ["sh", "-c", script, "sh", try VerbScratch.tool(), "build", "--executable", program, "--base", "scratch"]
            + ["--output", folder.file("layout")] + option,
          environment: [
            "PATH": "/usr/bin:/bin", "OUT": folder.file("out"), "XDG_CACHE_HOME": folder.file("cache"),
          ], folder: folder.path)
        return try #require(Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result.output)")
      }
      #expect(try bytesRead() > 30_000_000)
      let again = try bytesRead()
      // Headers of libraries, the records of layers, the manifest.
      #expect(again < 1_500_000, "\(again) bytes were read")
      #expect(try bytesRead("--no-cache") > 30_000_000)
    }
  }
}
