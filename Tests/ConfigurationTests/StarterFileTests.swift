import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicConfiguration

struct StarterFileTests {
  private static func starter() throws -> String {
    String(decoding: try FileTree.read(SamplePackage.templates + "/sematic.yaml"), as: UTF8.self)
  }

  /// Examples are comments without a space behind their sign, or with the indentation of a nested line.
  private static func uncommented() throws -> String {
    try starter().split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let indentation = line.prefix { $0 == " " }
      let rest = line.dropFirst(indentation.count)
      guard rest.hasPrefix("#"), rest.count > 1, !rest.hasPrefix("# ") || rest.hasPrefix("#  ") else {
        return String(line)
      }
      return String(indentation + rest.dropFirst())
    }.joined(separator: "\n")
  }

  @Test func `The starter file is valid as it stands, and changes nothing`() throws {
    let starter = try SamplePackage(Self.starter(), products: ["Training"])
    let without = try SamplePackage(products: ["Training"])
    #expect(try starter.pipeline() == without.pipeline())
  }

  @Test func `All examples of the starter file are valid together`() throws {
    let package = try SamplePackage(
      Self.uncommented(),
      files: [
        "models/a.bin", "datasets/x/b.csv", "requirements.txt", "explore/main.py", "explore/steps/a.py",
        "explore/tests/b.py", "explore/lib/c.py",
      ],
      products: ["Training"])
    #expect(try package.load().pipelineNames == ["train", "evaluate", "explore"])
    let script = try #require(try package.pipeline("explore").script)
    #expect(
      try script.sources().map(\.relativePath) == [
        "explore/lib/c.py", "explore/main.py", "explore/steps/a.py",
      ])
    #expect(script.importRoots == ["explore", "", "explore/lib"])
    #expect(script.products == ["Training"])
    let pipeline = try package.pipeline("evaluate")
    #expect(pipeline.product == "Training")
    #expect(pipeline.registry == .remote(host: "ghcr.io"))
    #expect(pipeline.repository == "acme/pipelines")
    #expect(
      pipeline.bases.map { "\($0.tag)=\($0.written)" } == [
        "default=worker-base", "debian=docker.io/library/debian:bookworm-slim", "gpu=worker-cuda",
      ])
    #expect(pipeline.environment == ["LOG_LEVEL": "info", "OMP_NUM_THREADS": "4", "MODE": "evaluate"])
    #expect(pipeline.data.map(\.destination) == ["/data/x/b.csv", nil, nil])
    #expect(pipeline.imageTags(for: "default") == ["nightly"])
    let tagged = try package.pipeline("evaluate", Overrides(["default-tag": ["true"]]))
    #expect(tagged.imageTags(for: "default") == ["evaluate_default_dev", "nightly"])
    #expect(pipeline.insecure)
    #expect(pipeline.retries == 4)
    #expect(pipeline.labels == ["team": "vision"])
    #expect(pipeline.annotations.count == 1)
    #expect(pipeline.user == "1000:1000")
    #expect(pipeline.workingDirectory == "/work")
    #expect(pipeline.compression == LayerCompression(.zstd, level: 3))
    #expect(pipeline.layerSize?.bytes == 512_000_000)
    #expect(pipeline.debugInformation == .keep)
    #expect(try package.pipeline("train").bases.first?.written == "worker-cuda")
  }

  @Test func `The starter file shows every setting`() throws {
    let text = try Self.uncommented()
    for name in SettingsTable.names {
      #expect(text.contains("  \(name):"), "\(name) is not shown")
    }
  }
}
