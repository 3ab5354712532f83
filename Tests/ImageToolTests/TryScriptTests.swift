import Foundation
import SematicFiles
import TestSupport
import Testing

/// `Templates/try` with the shell, the tar and the system that a Mac has.
@Suite(.enabled(if: ChildProcess.canRun("bash", "bsdtar"))) struct TryScriptTests {
  private let folder: TemporaryFolder
  private let checkout = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) }

  init() throws {
    folder = try TemporaryFolder("try")
    let programs = [
      "tar": "exec bsdtar \"$@\"", "uname": "[ \"$1\" = -m ] && echo arm64 || echo Darwin",
      "swift": "[ \"$1\" = sdk ] && echo \"$SDKS\" || echo \"swift $*\"",
    ]
    for (name, line) in programs { try folder.write("bin/\(name)", "#!/bin/sh\n\(line)\n", mode: 0o755) }
  }

  private func run(sdks: String) throws -> ChildProcess.Result {
    try ChildProcess.run(
      ["bash", checkout + "/Templates/try", folder.file("package")],
      environment: [
        "PATH": folder.file("bin") + ":/usr/bin:/bin", "BASH_COMPAT": "3.2", "SDKS": sdks, "HOME": folder.path,
      ])
  }

  @Test func `The starter is copied, and built with the SDK outside of the sandbox`() throws {
    let result = try run(sdks: "swift-6.1-RELEASE_static-linux-0.0.1")
    #expect(result.status == 0, "\(result.output)")
    let line = "swift package --disable-sandbox --swift-sdk aarch64-swift-linux-musl --allow-network-connections all"
    #expect(result.output.contains("\n\(line) run-pipeline\n"), "\(result.output)")
    let manifest = String(decoding: try FileTree.read(folder.file("package/Package.swift")), as: UTF8.self)
    #expect(manifest.contains("path: \"\(checkout)\""), "\(manifest)")
    #expect(FileTree.exists(folder.file("package/Sources/WordCount/WordCount.swift")))
    #expect(!FileTree.exists(folder.file("package/.build")))
  }

  @Test func `SwiftPM's own options stand in front of those for a plugin, which end at the verb`() throws {
    // Behind a permission, SwiftPM knows no other option: "Unknown option '--swift-sdk'".
    for file in ["README.md", "Templates/try"] {
      let text = String(decoding: try FileTree.read("\(checkout)/\(file)"), as: UTF8.self)
      let found = text.matches(of: /--allow-network-connections all +(\S+)/)
      #expect(!found.isEmpty)
      for match in found { #expect(!match.1.hasPrefix("-"), "\(file): \(match.0)") }
    }
  }

  @Test func `Without an SDK it says how to install one, and copies nothing`() throws {
    let result = try run(sdks: "No Swift SDKs are currently installed.")
    #expect(result.status == 1)
    #expect(result.output.contains("hint: https://www.swift.org/"), "\(result.output)")
    #expect(!FileTree.exists(folder.file("package")))
  }
}
