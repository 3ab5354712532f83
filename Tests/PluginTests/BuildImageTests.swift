import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension PluginTests {
  @Suite struct BuildImageTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure(
        """
        version: 1
        defaults:
          base: scratch
        pipelines:
          Probe:
            env: {COLOUR: green}
            data: ["data/*.txt"]
          WordCount: {}
        """)
    }

    @Test func `A layout is written that the strict tools accept, and whose image runs on nothing`() throws {
      let result = try copy.run(["build-image", "--pipeline", "Probe"])
      #expect(result.status == 0, "\(result.errorOutput)")
      let layout = try #require(result.layouts.first, "\(result.output)")
      #expect(result.lines.count == 1)
      #expect(layout.tag == "Probe_default")
      let validation = try ChildProcess.run([
        "oci-image-tool", "validate", "--type", "image", "--ref", "name=\(layout.tag)", layout.path,
      ])
      #expect(validation.status == 0, "\(validation.output)")

      let bundle = try ContainerBundle(layout: layout.path, tag: layout.tag)
      let run = try bundle.run(["a  b", "", "ä'\"$x", "--run_id", "0"], environment: ["ON_SEMATIC_WORKER": "1"])
      #expect(run.status == 0, "\(run.output)")
      let report = try ProbeReport(run.output)
      #expect(report.arguments == ["a  b", "", "ä'\"$x", "--run_id", "0"])
      #expect(report.environment["COLOUR"] == "green")
      #expect(report.environment["ON_SEMATIC_WORKER"] == "1")
      #expect(report.environment["PATH"]?.split(separator: ":").contains("/sematic/bin") == true)
      #expect(report.user == 0)
      #expect(report.foundResources)
      #expect(!report.hasImage)
      #expect(try bundle.run(["--exit", "41"]).status == 41)
    }

    @Test(.enabled(if: WorkerBase.isAvailable)) func `What was built is judged by Sematic's rules if so asked`() throws
    {
      for base in ["scratch", "\(try copy.workerBase()):\(WorkerBase.tag)"] {
        for thin in [[], ["--thin"]] {
          let result = try copy.run(["build-image", "--pipeline", "Probe", "--base", base, "--check"] + thin)
          #expect(result.status == 0, "\(result.errorOutput)")
          #expect(result.errorOutput.contains(/default: \d+ checks passed/), "\(result.errorOutput)")
        }
      }
    }

    @Test func `An archive holds the same image as the layout`() throws {
      let folder = try TemporaryFolder("archives")
      let layout = folder.file("layout")
      let written = try copy.run(["build-image", "--pipeline", "WordCount", "--output", layout])
      #expect(written.status == 0, "\(written.errorOutput)")
      let digest = try LayoutReader(layout).digest()
      for format in ["oci-archive", "docker-archive"] {
        let archive = folder.file(format)
        let result = try copy.run([
          "build-image", "--pipeline", "WordCount", "--format", format, "--output", archive,
        ])
        #expect(result.status == 0, "\(result.errorOutput)")
        let unpacked = folder.file("from-\(format)")
        let copied = try ChildProcess.run([
          "skopeo", "--insecure-policy", "copy", "--quiet", "\(format):\(archive)", "oci:\(unpacked):it",
        ])
        #expect(copied.status == 0, "\(copied.output)")
        // docker-archive has a manifest of its own; the layers are the same in both.
        if format == "oci-archive" { #expect(try LayoutReader(unpacked).digest() == digest) }
        #expect(
          try LayoutReader(unpacked).configuration().diffIDs == LayoutReader(layout).configuration().diffIDs)
        let run = try ContainerBundle(layout: unpacked, tag: "it").run()
        #expect(run.output.contains("6 x rain"), "\(run.output)")
      }
    }

    @Test func `A thin layout leaves out the base's layers, and only these`() throws {
      let folder = try TemporaryFolder("thin")
      let result = try copy.run([
        "build-image", "--pipeline", "WordCount", "--base", "oci:\(WorkerBase.layout()):\(WorkerBase.tag)", "--thin",
        "--output", folder.file("layout"),
      ])
      #expect(result.status == 0, "\(result.errorOutput)")
      let base = try LayoutReader(WorkerBase.layout()).manifest(tag: WorkerBase.tag).layers.map(\.digest)
      let layout = LayoutReader(folder.file("layout"))
      let layers = try layout.manifest().layers.map(\.digest)
      #expect(Array(layers.prefix(base.count)) == base)
      #expect(layers.count > base.count)
      #expect(base.allSatisfy { !layout.hasBlob($0.description) })
      #expect(layers.dropFirst(base.count).allSatisfy { layout.hasBlob($0.description) })
    }

    @Test func `A dry run tells the plan and touches nothing`() throws {
      let folder = try TemporaryFolder("dry")
      let state = copy.scratch + "/swift-sematic"
      let before = try Self.listing(state)
      let result = try copy.run([
        "build-image", "--pipeline", "Probe", "--env", "NEVER=seen-\(UUID())", "--dry-run", "--output",
        folder.file("layout"), "--metadata-file", folder.file("metadata.json"),
      ])
      #expect(result.status == 0, "\(result.errorOutput)")
      for expected in ["sematic/bin/Probe", "NEVER=seen-", "libswiftCore.so", "note.txt", folder.file("layout")] {
        #expect(result.output.contains(expected), "\(result.output)")
      }
      #expect(try FileTree.names(in: folder.path).isEmpty)
      #expect(try Self.listing(state) == before)
    }

    @Test func `The metadata file tells digests, sizes, layers and times`() throws {
      let folder = try TemporaryFolder("metadata")
      let result = try copy.run([
        "build-image", "--pipeline", "Probe", "--output", folder.file("layout"), "--metadata-file",
        folder.file("metadata.json"),
      ])
      #expect(result.status == 0, "\(result.errorOutput)")
      let metadata = try Metadata(folder.file("metadata.json"))
      let image = try #require(metadata.images.first)
      let manifest = try LayoutReader(folder.file("layout")).manifest()
      #expect(image.digest == (try LayoutReader(folder.file("layout")).digest()))
      #expect(image.layers.map(\.digest) == manifest.layers.map(\.digest.description))
      #expect(image.layers.map(\.size) == manifest.layers.map(\.size))
      #expect(image.tag == "default")
      #expect(!metadata.timings.isEmpty)
    }

    /// Every path below a folder with size and time of change.
    private static func listing(_ folder: String) throws -> [String] {
      guard FileTree.exists(folder) else { return [] }
      return try FileTree.names(in: folder).flatMap { name -> [String] in
        let path = folder + "/" + name
        let status = try FileStatus(of: path, followingLinks: false)
        return ["\(path) \(status.size) \(status.modified)"] + (status.kind == .directory ? try listing(path) : [])
      }
    }
  }
}

/// What `--metadata-file` holds, as far as a reader of it must be able to rely on it.
struct Metadata: Decodable {
  struct Layer: Decodable {
    let digest: String
    let size: Int64
  }
  struct Image: Decodable {
    let tag: String
    let reference: String
    let digest: String
    let layers: [Layer]
    let bytesPushed: Int64
  }
  let images: [Image]
  let bytesPushed: Int64
  let timings: [String: Double]

  init(_ file: String) throws {
    self = try JSONDecoder().decode(Metadata.self, from: Data(try FileTree.read(file)))
  }
}
