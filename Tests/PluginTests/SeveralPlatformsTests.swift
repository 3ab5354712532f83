import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension PackageTests {
  /// A verb that builds for another platform beside SwiftPM's own build, which holds the package's lock.
  @Suite(.enabled(if: CrossSDK.isAvailable)) struct SeveralPlatformsTests {
    @Test func `A verb makes images for two platforms below one index`() throws {
      let path = VerbScratch.home + "/native"
      func write(_ name: String, _ text: String) throws {
        let file = path + "/" + name
        if let old = try? FileTree.read(file), old == Array(text.utf8) { return }
        try AtomicFile.write(text.utf8, to: file)
      }
      try write(
        "Package.swift",
        """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(
          name: "native", dependencies: [.package(name: "swift-sematic", path: "../../..")],
          targets: [.executableTarget(name: "Native")])

        """)
      try write("Sources/Native/include/Native.h", "")
      try write("Sources/Native/main.c", "#include <stdio.h>\nint main(void) { return puts(\"native\") < 0; }\n")
      try write("sematic.yaml", "version: 1\ndefaults: {base: scratch, platforms: [linux/amd64, linux/arm64]}\n")
      let folder = try TemporaryFolder("several")
      func run(_ sdks: String) throws -> SwiftPackageRun.Result {
        try SwiftPackageRun.run(
          ["build-image", "--output", folder.file("layout")], in: path,
          environment: StarterCopy.credentials.merging(["XDG_CONFIG_HOME": sdks]) { $1 }, scratch: VerbScratch.other)
      }
      let refused = try run(folder.file("none"))
      #expect(refused.status == 1)
      #expect(refused.errorOutput.contains("error: the product cannot be built for linux/"), "\(refused.errorOutput)")

      let result = try run(CrossSDK(in: folder).configurationFolder)
      #expect(result.status == 0, "\(result.errorOutput)")
      #expect(result.errorOutput.contains("building Native for linux/\(CrossSDK.architecture) with other"))
      let layout = folder.file("layout")
      #expect(result.lines == ["oci:\(layout):Native_default"])
      let reader = LayoutReader(layout)
      let index = try JSONDecoder().decode(ImageIndex.self, from: reader.blob(reader.digest()))
      #expect(index.manifests.map(\.platform?.description) == ["linux/amd64", "linux/arm64"])
    }
  }
}
