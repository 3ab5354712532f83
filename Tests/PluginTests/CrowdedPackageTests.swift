import Foundation
import SematicFiles
import TestSupport
import Testing

extension PackageTests {
  /// Packages with targets of the names that come to mind first.
  ///
  /// SwiftPM refuses a graph in which two packages have a target of one name.
  @Suite struct CrowdedPackageTests {
    private static let names = [
      "Archive", "CLibraries", "Core", "FileSystem", "Images", "LocalRegistry", "OCI", "Registry", "System",
      "Templates",
    ]

    @Test func `a package may have targets of any name`() throws {
      let path = VerbScratch.home + "/crowded"
      try write(
        path,
        """
        dependencies: [.package(name: "swift-sematic", path: "../../..")],
        targets: names.map { .target(name: $0) } + [
          .executableTarget(
            name: "App",
            dependencies: names.map { .byName(name: $0) } + [.product(name: "SematicLaunch", package: "swift-sematic")])
        ])
        """)
      for name in Self.names { try write(path, target: name) }
      try checkBuilding(path)
    }

    @Test func `a package may depend on another with targets of any name`() throws {
      let path = VerbScratch.home + "/among-others"
      try write(
        path + "/../others",
        """
        products: [.library(name: "Others", targets: names)],
        targets: names.map { .target(name: $0) })
        """)
      for name in Self.names { try write(path + "/../others", target: name) }
      try write(
        path,
        """
        dependencies: [.package(name: "swift-sematic", path: "../../.."), .package(path: "../others")],
        targets: [
          .executableTarget(
            name: "App",
            dependencies: [
              .product(name: "Others", package: "others"), .product(name: "SematicLaunch", package: "swift-sematic"),
            ])
        ])
        """)
      try checkBuilding(path)
    }

    private func checkBuilding(_ path: String) throws {
      try write(
        path + "/Sources/App/App.swift",
        text: """
          import SematicLaunch
          \(Self.names.map { "import " + $0 }.joined(separator: "\n"))

          @main struct App {
            static func main() { print(\(Self.names.map { $0 + ".name" }.joined(separator: ", "))) }
          }
          """)
      try ScratchTurn.take(VerbScratch.other) {
        let build = try ChildProcess.run(
          ["swift", "build", "--package-path", path, "--scratch-path", VerbScratch.other],
          environment: SwiftPackageRun.environment)
        #expect(build.status == 0, "\(build.output)")
        let app = try ChildProcess.run([VerbScratch.other + "/debug/App"])
        #expect(app.output == Self.names.joined(separator: " ") + "\n")
        let image = try SwiftPackageRun.run(
          ["build-image", "--base", "scratch"], in: path, environment: StarterCopy.credentials,
          scratch: VerbScratch.other)
        #expect(image.status == 0, "\(image.errorOutput)")
        #expect(image.layouts.map(\.tag) == ["App_default"], "\(image.output)")
      }
    }

    private func write(_ path: String, _ manifest: String) throws {
      try write(
        path + "/Package.swift",
        text: """
          // swift-tools-version: 6.1
          import PackageDescription

          let names = \(Self.names)
          let package = Package(
            name: "\(FileTree.name(of: path))",
            platforms: [.macOS(.v13)],
            \(manifest)
          """)
    }

    private func write(_ path: String, target name: String) throws {
      try write("\(path)/Sources/\(name)/\(name).swift", text: "public let name = \"\(name)\"\n")
    }

    /// A file that is the same is left alone, so that nothing is compiled anew.
    private func write(_ file: String, text: String) throws {
      let bytes = Array(text.utf8)
      if let old = try? FileTree.read(file), old == bytes { return }
      try AtomicFile.write(bytes, to: file)
    }
  }
}
