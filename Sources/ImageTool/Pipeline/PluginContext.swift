import SematicConfiguration
import SematicFiles
import SematicOCI
import SematicSystem

/// The plugin's facts before anything is built, as its `BuildContext` writes them.
///
/// What was built is added to the same file, and read as `ProductArtifacts`.
struct PluginContext: Decodable, Sendable {
  struct Package: Decodable, Sendable {
    let name: String
    let directory: String
    let executableProducts: [String]
    /// The files in Swift of the package's own targets, by the executable products that they are part of.
    let sources: [String: [String]]
  }

  /// A package that a product is linked with; an address may have a token in it.
  struct LinkedPackage: Decodable, Sendable {
    let name: String
    let version: String?
    let revision: String?
    let address: String?
    /// The names of its dynamic libraries.
    let dynamicLibraries: [String]
  }

  /// A product that was built.
  struct Program: Decodable, Sendable {
    let product: String
    let linkedPackages: [LinkedPackage]
  }

  /// Why nothing was built, where ImageTool has said so to the plugin.
  struct Refusal: ExplainedError, Codable {
    let description: String
    let details: [String]
    let hint: String?
  }

  /// The package that SwiftPM was started for, and then its dependencies.
  let packages: [Package]
  let workDirectory: String
  let refusal: Refusal?
  /// Nil before anything is built.
  let programs: [Program]?

  /// - Throws: `FileError`.
  init(file: String) throws {
    let bytes = try FileTree.read(file)
    do {
      self = try decodeJSON(from: Data(bytes))
    } catch {
      throw FileError("read", file, reason: "it is not the JSON that the plugins write")
    }
  }

  /// The package of the pipeline that was asked for: the one that SwiftPM was started for, or a dependency of it.
  ///
  /// So the plugins can be in a package of their own, which depends on the package that is built.
  /// - Throws: `MisplacedPackage`.
  func package(for options: VerbOptions) throws -> Package? {
    if let path = options.packagePath {
      let wanted = try? FileTree.resolved(FileTree.absolute(path))
      guard let wanted, let named = packages.first(where: { (try? FileTree.resolved($0.directory)) == wanted }) else {
        throw MisplacedPackage(reason: .optionBehindVerb(path))
      }
      return named
    }
    let others = packages.dropFirst().filter { !$0.executableProducts.contains("ImageTool") }
    guard let root = packages.first, !others.isEmpty else { return packages.first }
    if let name = options.pipeline, let named = ([root] + others).first(where: { $0.pipelines.contains(name) }) {
      return named
    }
    guard root.pipelines.isEmpty else { return root }
    let found = others.filter { !$0.pipelines.isEmpty }
    let configured = found.filter { FileTree.exists($0.directory + "/" + PipelineFile.name) }
    let candidates = configured.isEmpty ? found : configured
    guard candidates.count < 2 else { throw MisplacedPackage(reason: .several(candidates.map(\.directory))) }
    return candidates.first ?? root
  }

  /// SwiftPM hands the options that it understands itself on to the plugin as well, before `--`.
  static func withoutPackageManagerOptions(_ arguments: [String]) -> [String] {
    let flags: Set = ["--disable-sandbox", "--allow-writing-to-package-directory"]
    let options: Set = ["--allow-network-connections", "--allow-writing-to-directory", "--package"]
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    var kept: [String] = []
    var index = arguments.startIndex
    while index < end {
      let argument = arguments[index]
      if options.contains(argument) {
        index += 1
      } else if !flags.contains(argument), !options.contains(where: { argument.hasPrefix($0 + "=") }) {
        kept.append(argument)
      }
      index += 1
    }
    return kept + arguments[end...]
  }
}

extension PluginContext.Package {
  /// The names of its pipelines; if its pipeline file cannot be read, which is an error when it is used, its products.
  fileprivate var pipelines: [String] {
    let file = try? PipelineFile.load(
      package: directory, packageName: name, executableProducts: executableProducts,
      builtinDescriptors: Templates.folder)
    return file?.pipelineNames ?? executableProducts
  }
}
