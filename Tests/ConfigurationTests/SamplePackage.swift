import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicConfiguration

/// A package's folder with a pipeline file.
struct SamplePackage {
  let folder: TemporaryFolder
  var products: [String]? = ["train"]
  var name = "Sample"

  /// The folder with our base descriptors.
  static let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Templates").path

  /// - Parameter files: more files of the package, each with its name for content.
  init(_ yaml: String? = nil, files: [String] = [], products: [String]? = ["train"]) throws {
    folder = try TemporaryFolder("configuration")
    self.products = products
    if let yaml { try folder.write("sematic.yaml", yaml) }
    for file in files { try folder.write(file, file) }
  }

  func load() throws -> PipelineFile {
    try PipelineFile.load(
      package: folder.path, packageName: name, executableProducts: products, builtinDescriptors: Self.templates)
  }

  func pipeline(_ name: String? = nil, _ overrides: Overrides = Overrides()) throws -> PipelineConfiguration {
    try load().pipeline(named: name, overrides: overrides)
  }

  /// What is said of the mistake that there must be.
  func mistake(_ name: String? = nil, _ overrides: Overrides = Overrides()) -> String {
    do {
      let pipeline = try pipeline(name, overrides)
      Issue.record("there is no mistake in \(pipeline)")
      return ""
    } catch {
      let text = String(describing: error)
      let hint = (error as? ConfigurationError)?.hint.map { "\nhint: \($0)" } ?? ""
      return text.replacingOccurrences(of: folder.path, with: "PACKAGE") + hint
    }
  }
}

/// The settings of the only pipeline, in a whole pipeline file: they begin in line 4.
func settings(_ lines: String) -> String {
  "version: 1\npipelines:\n  train:\n" + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
}

extension Overrides {
  /// What options would say.
  init(
    registry: String? = nil, repository: String? = nil, bases: [String] = [], environment: [String] = [],
    tags: [String] = [], platform: String? = nil, retries: String? = nil, compression: String? = nil
  ) {
    func list(_ text: String?) -> [String] { text.map { [$0] } ?? [] }
    self.init([
      "registry": list(registry), "repository": list(repository), "base": bases, "env": environment, "tag": tags,
      "platform": list(platform), "retries": list(retries), "compression": list(compression),
    ])
  }
}

extension PipelineConfiguration: Equatable {
  /// Whether they are the same in everything.
  public static func == (left: PipelineConfiguration, right: PipelineConfiguration) -> Bool {
    left.name == right.name && left.program == right.program && left.requirements == right.requirements
      && left.registry == right.registry && left.repository == right.repository && left.bases == right.bases
      && left.platforms == right.platforms && left.data == right.data && left.settings == right.settings
  }
}
