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
        *static-swift-stdlib*--product*) echo "ld: undefined reference to 'curl_easy_init'" >&2; exit 1 ;;
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

  @Test(.usualPort) func `The image is built with the SDK, and the launch program for this machine`() throws {
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

  @Test func `What cannot be linked statically is told with the setting that helps`() throws {
    let result = try run(["build", "--base", "scratch", "--linking", "static-stdlib"])
    #expect(result.status == 1)
    #expect(
      result.output.contains("FoundationNetworking or C++ interoperability: `linking: dynamic`"), "\(result.output)")
  }

  #if os(Linux)
    @Test(.enabled(if: ChildProcess.canRun("clang")))
    func `In the sandbox, where no launch program can be built, the verb says how it can`() throws {
      #if arch(x86_64)
        let program = try CraftedElf.arm64.write("built/App", in: folder)
      #else
        let program = try CraftedElf.amd64.write("built/App", in: folder)
      #endif
      let checkout = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) }
      let library = folder.file("sandbox.so")
      let made = try ChildProcess.run([
        "clang", "-shared", "-fPIC", "-o", library, checkout + "/Tests/Fixtures/sandbox.c",
      ])
      try #require(made.status == 0, "\(made.output)")
      let context: [String: Any] = [
        "packages": [
          [
            "name": "p", "directory": folder.file("package"), "executableProducts": ["App"],
            "sources": [String: [String]](),
          ]
        ],
        "workDirectory": folder.file("package/.build/plugins/RunPipeline/outputs"),
        "programs": [["product": "App", "executable": program, "linkedPackages": [String]()] as [String: Any]],
      ]
      try folder.write("context.json", JSONSerialization.data(withJSONObject: context))
      let result = try ChildProcess.run(
        [tool, "run", "--plugin-context", folder.file("context.json"), "--base", "scratch"],
        environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LD_PRELOAD": library],
        folder: folder.file("package"))
      #expect(result.status == 1)
      #expect(
        result.output.contains(
          "built/App is for another machine and cannot be started here, and a plugin in SwiftPM's sandbox cannot build it"
        ),
        "\(result.output)")
      #expect(
        result.output.contains(
          "hint: `swift package --disable-sandbox run-pipeline --base scratch`, with the same options"),
        "\(result.output)")
    }
  #endif

  @Test(.enabled(if: ChildProcess.canRun("swift"))) func `The starter for pipelines links statically on a Mac alone`()
    throws
  {
    let checkout = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) }
    let manifest = String(
      decoding: try FileTree.read(checkout + "/Templates/starter-pipeline/Package.swift"), as: UTF8.self)
    try #require(manifest.contains("#if os(macOS)"))
    // What a Mac reads, on this system.
    for (name, text) in [("mac", manifest.replacing("#if os(macOS)", with: "#if !os(macOS)")), ("linux", manifest)] {
      try folder.write(name + "/Package.swift", text)
      let dumped = try ChildProcess.run(["swift", "package", "--package-path", folder.file(name), "dump-package"])
      #expect(dumped.status == 0, "\(dumped.output)")
      #if os(Linux)
        #expect(dumped.output.contains("\"SematicDynamic\"") == (name == "linux"), "\(dumped.output)")
      #endif
    }
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
