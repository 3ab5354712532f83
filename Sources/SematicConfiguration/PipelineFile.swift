import SematicFiles

/// The pipeline file of a package, or what takes its place where there is none.
package struct PipelineFile {
  package static let name = "sematic.yaml"

  let package: PackageFolder
  let packageName: String
  /// The executable products in order; nil where they are not known.
  let executableProducts: [String]?
  let catalog: BaseCatalog
  let defaults: WrittenSettings
  /// The pipelines in the order of the file; empty where every executable product is one.
  let pipelines: [Entry]

  struct Entry {
    let name: String
    let location: SourceLocation
    let settings: WrittenSettings
  }

  /// Reads `sematic.yaml` in the package's folder, if it is there, and the package's own base descriptors.
  /// - Parameter executableProducts: nil where they are not known: the tool is used without a package.
  /// - Parameter builtinDescriptors: the folder of this package's own descriptors.
  /// - Throws: `ConfigurationError`, `FileError`.
  package static func load(
    package folder: String, packageName: String, executableProducts: [String]?, builtinDescriptors: String
  ) throws -> PipelineFile {
    let package = try PackageFolder(folder)
    let path = package.path + "/" + name
    var content = PipelineFileReader()
    if try FileStatus.ifPresent(path) != nil {
      content = try PipelineFileReader.read(path)
    } else if FileTree.exists(package.path + "/sematic.yml") {
      throw ConfigurationError(nil, "sematic.yml is not read: name the file '\(name)'")
    }
    return PipelineFile(
      package: package, packageName: packageName, executableProducts: executableProducts?.sorted(),
      catalog: try BaseCatalog(package: package, builtinDescriptors: builtinDescriptors), defaults: content.defaults,
      pipelines: content.pipelines)
  }

  package var pipelineNames: [String] {
    pipelines.isEmpty ? executableProducts ?? [] : pipelines.map(\.name)
  }

  /// - Parameter name: nil for the only one.
  /// - Throws: `ConfigurationError`, `FileError`.
  package func pipeline(named name: String?, overrides: Overrides = Overrides()) throws -> PipelineConfiguration {
    let entry = try entry(named: name)
    let settings = try overrides.settings().over(entry.settings.over(defaults))
    return try PipelineMerge(file: self, entry: entry, settings: settings).pipeline()
  }

  private func entry(named name: String?) throws -> Entry {
    let names = pipelineNames
    guard let name else {
      if let only = names.first, names.count == 1 { return try entry(named: only) }
      throw names.isEmpty
        ? ConfigurationError(
          nil, "there is no pipeline: the package has no executable product, and \(Self.name) names none",
          hint: "an executable target in Package.swift makes one")
        : ConfigurationError(
          nil, "there are \(names.count) pipelines: name one of \(names.quotedList)", hint: "--pipeline NAME")
    }
    if let entry = pipelines.first(where: { $0.name == name }) { return entry }
    if pipelines.isEmpty, executableProducts?.contains(name) ?? true {
      return Entry(name: name, location: .option("--pipeline"), settings: WrittenSettings())
    }
    let suggestion = Suggestion.sentence(for: name, among: names)
    let listed = names.isEmpty ? ": there is none" : ": there are \(names.quotedList)"
    throw ConfigurationError(
      .option("--pipeline"), "there is no pipeline '\(name)'" + (suggestion.isEmpty ? listed : suggestion))
  }
}
