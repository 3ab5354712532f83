import SematicFiles
import TestSupport
import Testing

@testable import ImageTool

@Suite(.enabled(if: ChildProcess.canRun("swift"))) struct PluginToolsTests {
  @Test func `Executables that only serve a plugin are told from programs`() throws {
    let folder = try TemporaryFolder("plugin-tools")
    try folder.write(
      "Package.swift",
      """
      // swift-tools-version: 6.0
      import PackageDescription
      let package = Package(
        name: "p", products: [.executable(name: "Both", targets: ["Both"])],
        targets: [
          .executableTarget(name: "App", plugins: ["Generate"]), .executableTarget(name: "Both"),
          .executableTarget(name: "Tool"), .executableTarget(name: "Other"),
          .plugin(
            name: "Generate", capability: .buildTool(),
            dependencies: ["Both", .target(name: "Tool", condition: .when(platforms: [.linux]))]),
        ])

      """)
    let build = SwiftBuild(
      package: folder.path, scratch: nil, console: Console(talk: .quiet, host: nil), signals: nil)
    #expect(try build.toolsOfPlugins() == ["Tool"])
  }
}
