import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite struct ReproducibilityTests {
    // SwiftPM itself writes a package's path into what it compiles (debug information, the accessor of a bundle): the same
    // sources in two folders are two programs. What is promised is that the same program gives the same image.
    @Test func `One program in two folders gives one digest`() throws {
      let copy = try StarterCopy.shared()
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch, data: [\"data/*.txt\"]}}\n")
      #expect(try copy.run(["build-image", "--pipeline", "Probe"]).status == 0)
      let built = try FileTree.resolved(copy.scratch + "/release")
      let parts = try FileTree.names(in: built).filter {
        $0 == "Probe" || $0.hasSuffix(".resources") || $0.hasSuffix(".so")
      }
      #expect(parts.count >= 5, "\(parts)")
      let folder = try TemporaryFolder("folders")
      var digests: Set<String> = []
      // The second is filled in another order, deeper down, and its files are older.
      for (name, order) in [("a", parts), ("a longer/place below/b", parts.reversed())] {
        let package = folder.file(name)
        try FileTree.createDirectory(package + "/products")
        for part in order {
          #expect(try ChildProcess.run(["cp", "-R", "\(built)/\(part)", "\(package)/products/\(part)"]).status == 0)
        }
        let copied = try ChildProcess.run([
          "cp", "-R", copy.path + "/data", copy.path + "/sematic.yaml", copy.path + "/Package.swift", package,
        ])
        #expect(copied.status == 0, "\(copied.output)")
        let result = try ChildProcess.run([
          try VerbScratch.tool(), "build", "--package-path", package, "--executable", package + "/products/Probe",
          "--pipeline",
          "Probe", "--output", package + "/layout",
        ])
        #expect(result.status == 0, "\(result.output)")
        digests.insert(try LayoutReader(package + "/layout").digest())
      }
      #expect(digests.count == 1)
    }

    @Test func `The clock, the umask and times of files do not change the digest`() throws {
      let copy = try StarterCopy.shared()
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch, data: [\"data/*.txt\"]}}\n")
      let folder = try TemporaryFolder("again")
      var digests: Set<String> = []
      for (index, mask) in ["022", "077"].enumerated() {
        let layout = folder.file("layout-\(index)")
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000 + Double(index))],
          ofItemAtPath: copy.path + "/data/note.txt")
        let result = try ChildProcess.run([
          "sh", "-c", "umask \(mask); exec \"$@\"", "sh", try VerbScratch.tool(), "build", "--executable",
          copy.scratch + "/release/Probe", "--package-path", copy.path, "--pipeline", "Probe", "--output", layout,
          "--no-cache",
        ])
        #expect(result.status == 0, "\(result.output)")
        digests.insert(try LayoutReader(layout).digest())
      }
      #expect(digests.count == 1)
    }
  }
}
