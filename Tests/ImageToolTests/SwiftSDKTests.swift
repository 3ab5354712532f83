import Foundation
import SematicFiles
import TestSupport
import Testing

/// The tool with a SwiftPM that says what it is asked for, and builds what the test has put there.
@Suite struct SwiftSDKTests {
  private let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("sdk")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
    try folder.write("package/Package.swift", "// swift-tools-version: 6.1\n")
    try folder.write(
      "bin/swift",
      """
      #!/bin/sh
      echo "$*" >>"\(folder.file("asked"))"
      case "$*" in
        *describe*) echo '{"name":"p","products":[{"name":"App","type":{"executable":null}}],"targets":[]}' ;;
        *swift-sematic/host*--show-bin-path*) echo "\(folder.file("host"))" ;;
        *--show-bin-path*) echo "\(folder.file("built"))" ;;
        "sdk list") echo swift-6.1-RELEASE_static-linux-0.0.1 ;;
      esac

      """, mode: 0o755)
  }

  private func run(_ arguments: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [tool] + arguments, environment: ["PATH": folder.file("bin") + ":/usr/bin:/bin", "HOME": folder.path],
      folder: folder.file("package"))
  }

  private var asked: [Substring] {
    get throws { String(decoding: try FileTree.read(folder.file("asked")), as: UTF8.self).split(separator: "\n") }
  }

  @Test func `The image is built with the SDK, and the launch program for this machine`() throws {
    #if arch(x86_64)
      try CraftedElf.arm64.write("built/App", in: folder)
    #else
      try CraftedElf.amd64.write("built/App", in: folder)
    #endif
    try folder.write("host/App", "#!/bin/sh\necho \"launched $1 $SEMATIC_CONTAINER_IMAGES\"\n", mode: 0o755)
    let result = try run(["run", "--base", "scratch", "--swift-sdk", "other-linux", "--", "with"])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("launched with "), "\(result.output)")
    let builds = try asked.filter { $0.hasPrefix("build ") && $0.contains("--product") }
    #expect(builds.count == 2)
    #expect(builds[0].contains("--swift-sdk other-linux") && !builds[0].contains("/host"))
    #expect(!builds[1].contains("--swift-sdk") && builds[1].contains("/.build/swift-sematic/host"))
  }

  @Test func `A program for macOS is refused with the command that builds one for Linux`() throws {
    let header: [UInt8] = [0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1] + Array(repeating: 0, count: 100)
    try folder.write("built/App", "")
    try Data(header).write(to: URL(fileURLWithPath: folder.file("built/App")))
    let result = try run(["build", "--base", "scratch"])
    #expect(result.status == 1)
    #expect(result.output.contains("built/App is a program for macOS (Mach-O), not a program for Linux (ELF)"))
    #expect(
      result.output.contains("`\(tool) build --swift-sdk x86_64-swift-linux-musl --base scratch`"), "\(result.output)")
  }
}
