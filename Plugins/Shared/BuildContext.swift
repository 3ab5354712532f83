import Foundation
import PackagePlugin

/// What SwiftPM knows and ImageTool cannot see; ImageTool reads it as `PluginContext`.
struct BuildContext: Encodable {
  struct Package: Encodable {
    let name: String
    let directory: String
    let executableProducts: [String]
    /// The files in Swift of the package's own targets, by the executable products that they are part of.
    let sources: [String: [String]]

    init(_ package: PackagePlugin.Package) {
      name = package.displayName
      directory = package.directoryURL.path
      let products = package.products(ofType: ExecutableProduct.self)
      executableProducts = products.map(\.name).sorted()
      let own = Set(package.targets.map(\.id))
      let pairs = products.map { product in
        let targets = product.targets.flatMap { [$0] + $0.recursiveTargetDependencies }.filter { own.contains($0.id) }
        let files = targets.compactMap { $0 as? any SourceModuleTarget }.flatMap(\.sourceFiles).map(\.url.path)
        return (product.name, files.filter { $0.hasSuffix(".swift") })
      }
      sources = Dictionary(pairs) { $1 }
    }
  }

  struct Refusal: Codable {
    let description: String
    let details: [String]
    let hint: String?
  }

  let verb: [String]
  /// The package that SwiftPM was started for, and then those that it names as dependencies.
  let packages: [Package]
  /// The plugin's own folder below the scratch folder: the one place that it may always write to.
  let workDirectory: String
  var programs: [Program] = []
  var refusal: Refusal?

  /// A product that was built.
  struct Program: Encodable {
    let product: String
    let executable: String
    let resourceBundles: [String]
    let dynamicLibraries: [String]
    let linkedPackages: [LinkedPackage]
  }

  init(verb: [String], of context: PluginContext) {
    self.verb = verb
    packages = context.packages.map(Package.init)
    workDirectory = context.pluginWorkDirectoryURL.path
  }

  func write(to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(self).write(to: file, options: .atomic)
  }

  mutating func build(
    _ product: String, for request: BuildRequest, by manager: PackageManager, in context: PluginContext
  )
    throws
  {
    var parameters = PackageManager.BuildParameters(
      configuration: request.debug ? .debug : .release, logging: .concise, echoLogs: true)
    parameters.otherSwiftcFlags = request.swiftcFlags
    let result = try manager.build(.product(product), parameters: parameters)
    guard result.succeeded else {
      let hint = request.failureHint.map { "\n\nhint: " + $0 } ?? ""
      throw ToolFailure("SwiftPM could not build the product '\(product)'" + hint)
    }
    // A product that is also a tool of a plugin has a second artifact, which comes first: '<name>-tool'.
    let artifacts = result.builtArtifacts.filter { $0.kind == .executable }
    let named = artifacts.first { $0.url.deletingPathExtension().lastPathComponent == product }
    guard let executable = (named ?? artifacts.first)?.url else {
      throw ToolFailure("SwiftPM built no executable for the product '\(product)'")
    }

    let folder = executable.deletingLastPathComponent()
    let owner = context.packages.first { $0.directoryURL.path == request.package } ?? context.package
    let graph = ProductGraph(of: product, in: owner)
    func present(_ names: [String]) -> [String] {
      names.map { folder.appending(path: $0).path }.filter { FileManager.default.fileExists(atPath: $0) }
    }
    // Named '.bundle' by SwiftPM's newer build system and on macOS.
    programs.append(
      Program(
        product: product, executable: executable.path,
        resourceBundles: present(graph.bundleNames.flatMap { ["\($0).resources", "\($0).bundle"] }),
        dynamicLibraries: present(graph.dynamicLibraries.flatMap { ["lib\($0).so", "lib\($0).dylib"] }),
        linkedPackages: graph.linkedPackages))
  }
}

extension PluginContext {
  var packages: [Package] { [package] + package.dependencies.map(\.package) }
}
