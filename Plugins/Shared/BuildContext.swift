import Foundation
import PackagePlugin

/// What SwiftPM knows and ImageTool cannot see; ImageTool reads it as `PluginContext`.
struct BuildContext: Encodable {
  struct Package: Encodable {
    let name: String
    let directory: String
  }

  let verb: [String]
  let package: Package
  /// The plugin's own folder below the scratch folder: the one place that it may always write to.
  let workDirectory: String
  let executableProducts: [String]
  var programs: [Program] = []

  /// A product that was built.
  struct Program: Encodable {
    let product: String
    let executable: String
    let resourceBundles: [String]
    let dynamicLibraries: [String]
  }

  init(verb: [String], of context: PluginContext) {
    self.verb = verb
    package = Package(name: context.package.displayName, directory: context.package.directoryURL.path)
    workDirectory = context.pluginWorkDirectoryURL.path
    executableProducts = context.package.products(ofType: ExecutableProduct.self).map(\.name).sorted()
  }

  func write(to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(self).write(to: file, options: .atomic)
  }

  mutating func build(
    _ product: String, debug: Bool, by manager: PackageManager, in package: PackagePlugin.Package
  ) throws {
    let result = try manager.build(
      .product(product),
      parameters: .init(configuration: debug ? .debug : .release, logging: .concise, echoLogs: true))
    guard result.succeeded else { throw ToolFailure("SwiftPM could not build the product '\(product)'") }
    // A product that is also a tool of a plugin has a second artifact, which comes first: '<name>-tool'.
    let artifacts = result.builtArtifacts.filter { $0.kind == .executable }
    let named = artifacts.first { $0.url.deletingPathExtension().lastPathComponent == product }
    guard let executable = (named ?? artifacts.first)?.url else {
      throw ToolFailure("SwiftPM built no executable for the product '\(product)'")
    }

    let folder = executable.deletingLastPathComponent()
    let graph = ProductGraph(of: product, in: package)
    func present(_ names: [String]) -> [String] {
      names.map { folder.appending(path: $0).path }.filter { FileManager.default.fileExists(atPath: $0) }
    }
    // Named '.bundle' by SwiftPM's newer build system and on macOS.
    programs.append(
      Program(
        product: product, executable: executable.path,
        resourceBundles: present(graph.bundleNames.flatMap { ["\($0).resources", "\($0).bundle"] }),
        dynamicLibraries: present(graph.dynamicLibraries.flatMap { ["lib\($0).so", "lib\($0).dylib"] })))
  }
}
