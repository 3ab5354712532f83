import ArgumentParser
import Foundation
import SematicConfiguration
import SematicFiles
import SematicLaunch
import Testing

@testable import ImageTool

@Suite struct ErrorReportTests {
  @Test func `a full disk says how to make room`() {
    let advice = ErrorReport(FileError("write", "/x", code: ENOSPC))
    #expect(advice.message == "cannot write /x: No space left on device")
    #expect(advice.hint?.hasPrefix("free space on the disk: `ImageTool clean` removes") == true)
  }

  @Test func `an image of the user's own that cannot be one says what it should be`() {
    let error = ContainerImageError.malformed(
      variable: "SEMATIC_CONTAINER_IMAGE", value: "", reason: "the image is empty")
    let advice = ErrorReport(error)
    #expect(advice.message == "SEMATIC_CONTAINER_IMAGE='' is not well formed: the image is empty")
    #expect(advice.hint == "unset SEMATIC_CONTAINER_IMAGE, or set it to registry/repository@sha256:...")
  }

  @Test func `a mistake on the command line is misuse, one in a file is a failure`() throws {
    func status(_ body: () throws -> Void) -> Int32? {
      do {
        try body()
        return nil
      } catch {
        return ErrorReport(error).status
      }
    }
    let folder = FileManager.default.temporaryDirectory.path
    let file = try PipelineFile.load(
      package: folder, packageName: "p", executableProducts: ["p"], builtinDescriptors: folder)
    #expect(status { _ = try file.pipeline(named: "p", overrides: Overrides(["tag": ["a b"]])) } == 64)
    #expect(status { throw FileError("read", "/x", code: ENOENT) } == 1)
    #expect(status { throw ValidationError("no") } == 64)
  }

  @Test func `options that cannot be used together are refused before anything is done`() {
    for arguments in [
      ["build", "--quiet", "--verbose"], ["build", "--thin", "--format", "oci-archive", "--output", "x"],
      ["build", "--format", "docker-archive"], ["run", "--local", "--no-push"],
    ] {
      #expect(throws: (any Error).self) { try ImageTool.parseAsRoot(arguments) }
    }
    #expect(throws: Never.self) { try ImageTool.parseAsRoot(["run", "--pipeline", "a", "--", "--verbose", "--quiet"]) }
  }
}
