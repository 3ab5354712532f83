import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension PackageTests {
  /// The plugins in a package of their own, which keeps swift-sematic out of the graph of the package that is built.
  @Suite struct ToolsPackageTests {
    private static let path = VerbScratch.home + "/shipped"

    init() throws {
      func write(_ name: String, _ text: String) throws {
        let file = Self.path + "/" + name
        if let old = try? FileTree.read(file), old == Array(text.utf8) { return }
        try AtomicFile.write(text.utf8, to: file)
      }
      try write(
        "Package.swift",
        """
        // swift-tools-version: 5.9
        import PackageDescription
        let package = Package(
          name: "shipped", products: [.executable(name: "ship", targets: ["Ship"])],
          targets: [.executableTarget(name: "Ship", resources: [.copy("cargo.txt")])])
        """)
      try write("Sources/Ship/cargo.txt", "cargo\n")
      try write(
        "Sources/Ship/main.swift",
        """
        import Foundation
        let cargo = Bundle.module.url(forResource: "cargo", withExtension: "txt")
        print((try? cargo.map { try String(contentsOf: $0, encoding: .utf8) }) ?? "no resource")
        print((try? String(contentsOfFile: "data/load.txt", encoding: .utf8)) ?? "no data")

        """)
      try write("data/load.txt", "load\n")
      try write(
        "sematic.yaml",
        "version: 1\npipelines:\n  ship: {base: scratch, data: [\"data/*.txt\"], env: {FROM: shipped}}\n")
      try write(
        "Tools/Package.swift",
        """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(
          name: "Tools",
          dependencies: [.package(name: "swift-sematic", path: "../../../.."), .package(name: "shipped", path: "..")],
          targets: [.target(name: "Tools")])
        """)
      try write("Tools/Sources/Tools/Tools.swift", "")
    }

    private func run(_ arguments: [String]) throws -> SwiftPackageRun.Result {
      try SwiftPackageRun.run(
        ["--package-path", "Tools"] + arguments, in: Self.path, environment: StarterCopy.credentials,
        scratch: VerbScratch.other)
    }

    @Test func `An image has the resources, the data and the settings of the package that is built`() throws {
      var digests: Set<String> = []
      for arguments in [[], ["ship"], ["--package-path", "."]] {
        let result = try run(["build-image"] + arguments)
        #expect(result.status == 0, "\(result.errorOutput)")
        let layout = try #require(result.layouts.first, "\(result.output)")
        #expect(layout.tag == "ship_default")
        #expect(FileTree.name(of: layout.path) == "shipped")
        digests.insert(try LayoutReader(layout.path).digest(tag: layout.tag))
        guard arguments.isEmpty else { continue }
        let bundle = try ContainerBundle(layout: layout.path, tag: layout.tag)
        #expect(bundle.configuration.environment.contains("FROM=shipped"))
        #expect(try bundle.run().output == "cargo\n\nload\n\n")
      }
      #expect(digests.count == 1)
    }

    @Test func `The program starts in place of a container, too`() throws {
      let result = try run(["run-local"])
      #expect(result.status == 0, "\(result.errorOutput)")
      #expect(result.output == "cargo\n\nload\n\n")
    }

    @Test func `Another package, and a pipeline that none has, are refused`() throws {
      let other = try run(["build-image", "--package-path", "/"])
      #expect(other.status == 1)
      #expect(
        other.errorOutput.contains("error: --package-path behind the verb names /, which"), "\(other.errorOutput)")
      #expect(other.errorOutput.contains("`swift package --package-path / build-image`"))
      let pipeline = try run(["build-image", "shop"])
      #expect(pipeline.status == 1)
      #expect(
        pipeline.errorOutput.contains("there is no pipeline 'shop': did you mean 'ship'?"), "\(pipeline.errorOutput)")
    }
  }
}
