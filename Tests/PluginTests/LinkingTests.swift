import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  /// Products that have Swift's runtime libraries in themselves.
  @Suite struct LinkingTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\ndefaults:\n  base: scratch\n")
    }

    private func needsRuntime(_ program: String) throws -> Bool {
      try !FileSearch.occurring(["libswiftCore.so"], in: program).isEmpty
    }

    @Test func `A program can have Swift's libraries in itself`() throws {
      let result = try copy.run(["build-image", "WordCount", "--linking", "static-stdlib"])
      #expect(result.status == 0, "\(result.errorOutput)")
      let layout = try #require(result.layouts.first, "\(result.output)")
      let bundle = try ContainerBundle(layout: layout.path, tag: layout.tag)
      #expect(try !needsRuntime(bundle.root + "/sematic/bin/WordCount"))
      #expect(!FileTree.exists(bundle.root + "/sematic/lib/libswiftCore.so"))
      let run = try bundle.run()
      #expect(run.output.contains("6 x rain"), "\(run.output)")

      // Whatever SwiftPM remembers of that build, the next ones are as usual.
      let program = copy.scratch + "/release/WordCount"
      let build = try ScratchTurn.take {
        try ChildProcess.run(
          [
            "swift", "build", "-c", "release", "--product", "WordCount", "--package-path", copy.path, "--scratch-path",
            copy.scratch,
          ], environment: SwiftPackageRun.environment)
      }
      #expect(build.status == 0, "\(build.output)")
      #expect(try needsRuntime(program))
    }

    @Test func `ImageTool alone links by the pipeline file`() throws {
      let folder = try TemporaryFolder("linked")
      try folder.write(
        "Package.swift",
        """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(name: "linked", targets: [.executableTarget(name: "Linked")])
        """)
      try folder.write("Sources/Linked/main.swift", "print(\"linked\")\n")
      _ = try copy.run(["build-image", "WordCount"])
      for linking in ["static", "static-stdlib", "dynamic"] {
        try folder.write(
          "sematic.yaml", "version: 1\npipelines:\n  Linked: {base: scratch, linking: \(linking)}\n")
        let build = try ChildProcess.run(
          [VerbScratch.tool(), "build", "--output", folder.file(linking)],
          environment: SwiftPackageRun.environment.merging(StarterCopy.credentials) { $1 }, folder: folder.path)
        #expect(build.status == 0, "\(build.output)")
        #expect(try needsRuntime(folder.file(".build/release/Linked")) == (linking == "dynamic"))
        let tag = try #require(LayoutReader(folder.file(linking)).tags().first)
        #expect(try ContainerBundle(layout: folder.file(linking), tag: tag).run().output == "linked\n")
      }
    }

    @Test func `A second runtime in a dynamic library is refused`() throws {
      let result = try copy.run(["build-image", "Probe", "--linking", "static-stdlib"])
      #expect(result.status == 1)
      #expect(
        result.errorOutput.contains(
          "error: linking: static-stdlib does not work for 'Probe': it is linked with libProbeLibrary.so"),
        "\(result.errorOutput)")
    }
  }
}
