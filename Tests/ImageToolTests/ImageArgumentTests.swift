import Foundation
import SematicFiles
import TestSupport
import Testing

/// What a verb says of an image, or of a base, that was written in a wrong way.
@Suite struct ImageArgumentTests {
  private let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("argument")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
  }

  private func run(_ arguments: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [tool] + arguments, environment: ["PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": folder.file("cache")],
      folder: folder.path)
  }

  private static let build = ["build", "--executable", "/bin/true"]

  @Test(arguments: [
    (["inspect", "UPPER Case"], "error: 'library/UPPER Case' is not a valid repository: "),
    (["inspect", "--sbom", "a@sha256:1"], "error: 'sha256:1' is not a valid digest: "),
    (["inspect", "a", "--platform", "x"], "error: --platform: 'x' is not a valid platform: "),
    (["check", ""], "error: '' is not a valid image reference: "),
    (["check", "oci:"], "error: 'oci:' is not a valid image: expected oci:PATH[:NAME]"),
    (["check", "a", "--platform", "x"], "error: --platform: 'x' is not a valid platform: "),
    (["rebase", "a:!", "--base", "b"], "error: '!' is not a valid tag: "),
    (["rebase", "a", "--base", "UPPER Case"], "error: --base: 'library/UPPER Case' is not a valid repository: "),
    (["rebase", "a", "--base", "oci-archive:"], "error: --base: 'oci-archive:' is not a valid image: "),
    (["rebase", "a", "--base", "scratch"], "error: cannot rebase a onto scratch: "),
    (["rebase", "oci-archive:a", "--base", "b"], "error: cannot rebase oci-archive:a: an archive is not changed"),
    (build + ["--base", "UPPER Case"], "error: --base: 'UPPER Case' is not a base: "),
    (build + ["--base", "scratch", "--platform", "x"], "error: --platform: 'x' is not a valid platform: "),
    (["push", "--executable", "/bin/true", "--registry", "a b"], "error: --registry: 'a b' is not a registry: "),
    (["init", "--template", "none"], "error: --template: there is no 'none', only starter, starter-pipeline, "),
  ]) func `What cannot be read is misuse, before anything is asked`(arguments: [String], sentence: String) throws {
    let result = try run(arguments)
    #expect(result.status == 64 && result.output.hasPrefix(sentence), "\(result.output)")
  }

  /// A layout and archives, as a person who forgets the format writes them.
  private func writeImages(in place: String) throws {
    for (name, format) in [("app", "oci"), ("app.tar", "oci-archive"), ("docker.tar", "docker-archive")] {
      let output = folder.file("\(place)/\(name)")
      try FileTree.createDirectory(FileTree.parent(of: output))
      let built = try run(Self.build + ["--base", "scratch", "--format", format, "--output", output])
      try #require(built.status == 0, "\(built.output)")
    }
  }

  @Test func `A path is no reference, and the error has the format that what is there has`() throws {
    try writeImages(in: "images")
    for (image, expected) in [
      ("./images/app", "expected oci:./images/app for"), ("./images/app:v1", "expected oci:./images/app:v1 for"),
      ("images/../images/app.tar", "expected oci-archive:images/../images/app.tar for"),
      ("./images/docker.tar", "expected docker-archive:./images/docker.tar for"),
      ("../none", "expected oci:../none or oci-archive:../none or docker-archive:../none for"),
    ] {
      for arguments in [["inspect", image], ["check", image], ["rebase", image, "--base", "x"]] {
        let result = try run(arguments)
        let sentence = "error: '\(image)' is not a valid image reference: \(expected) what is on this machine's disk\n"
        #expect(result.status == 64 && result.output == sentence, "\(result.output)")
      }
    }
    let base = try run(Self.build + ["--base", "./images/app"])
    #expect(base.status == 64)
    #expect(
      base.output.hasSuffix("hint: for an OCI layout in that folder, write `oci:./images/app`\n"), "\(base.output)")
  }

  @Test func `A name that a registry does not have, and the disk has, comes with a hint`() throws {
    // No registry is at that port, and there is a folder of its name.
    try writeImages(in: "localhost:1")
    func hint(_ image: String) -> String {
      "\n\nhint: for the image of that name on this machine's disk, write `\(image)`\n"
    }
    for (image, meant) in [
      ("localhost:1/app", "oci:"), ("localhost:1/app.tar", "oci-archive:"),
      ("localhost:1/docker.tar", "docker-archive:"),
      ("localhost:1/app:v1", "oci:"),
    ] {
      // Each waits for its tries.
      for arguments in image == "localhost:1/app"
        ? [["inspect", image], ["check", image], ["rebase", image, "--base", "x"]] : [["inspect", image]]
      {
        let result = try run(arguments)
        #expect(result.status == 1 && result.output.hasSuffix(hint(meant + image)), "\(result.output)")
        #expect(result.output.contains(" localhost:1/"), "\(result.output)")
      }
    }
    let base = try run(Self.build + ["--base", "localhost:1/app", "--retries", "0"])
    #expect(base.status == 1 && base.output.hasSuffix(hint("oci:localhost:1/app")), "\(base.output)")
    // Of archives, nothing is built.
    let archive = try run(Self.build + ["--base", "localhost:1/app.tar", "--retries", "0"])
    #expect(archive.status == 1 && !archive.output.contains("on this machine's disk"), "\(archive.output)")
    try FileTree.createDirectory(folder.file("localhost:1/folder"))
    #expect(mkfifo(folder.file("localhost:1/pipe"), 0o600) == 0)
    for name in ["other", "folder", "pipe"] {
      let other = try run(["inspect", "localhost:1/\(name)"])
      #expect(other.status == 1 && !other.output.contains("on this machine's disk"), "\(other.output)")
    }
  }
}
