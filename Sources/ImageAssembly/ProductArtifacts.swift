import FileSystem
import Foundation

/// What a build of a product has left on disk, as SwiftPM tells it to a plugin. The plugins write it as JSON.
package struct ProductArtifacts: Hashable, Sendable {
  package struct Package: Hashable, Sendable, Codable {
    package var name: String
    package var directory: String

    package init(name: String, directory: String) {
      self.name = name
      self.directory = directory
    }
  }

  package var package: Package
  /// The launch program's name.
  package var product: String
  package var executable: String
  /// Folders that Swift's `Bundle.module` looks for beside the executable.
  package var resourceBundles: [String]
  package var dynamicLibraries: [String]
  /// The names of all executable products of the package.
  package var executableProducts: [String]
  /// Folders of Swift runtime libraries, where the executable itself does not name them.
  package var toolchainLibraries: [String]

  package init(
    package: Package, product: String, executable: String, resourceBundles: [String] = [],
    dynamicLibraries: [String] = [], executableProducts: [String] = [], toolchainLibraries: [String] = []
  ) {
    self.package = package
    self.product = product
    self.executable = executable
    self.resourceBundles = resourceBundles
    self.dynamicLibraries = dynamicLibraries
    self.executableProducts = executableProducts
    self.toolchainLibraries = toolchainLibraries
  }

  /// Reads the context file of a plugin.
  /// - Throws: `FileError`, also where the content is not what it should be.
  package init(contextFile path: String) throws {
    let bytes = try FileTree.read(path, limit: 16 << 20)
    do {
      self = try JSONDecoder().decode(ProductArtifacts.self, from: Data(bytes))
    } catch {
      throw FileError("read", path, reason: "it is not the JSON that the plugins write")
    }
  }

  /// The program with the package's and the toolchain's libraries, and what those need.
  /// - Throws: `ElfError`, `MismatchedLibrary`, `FileError`.
  package func libraryClosure() throws -> LibraryClosure {
    let program = try ElfFile(executable)
    let folders = LibraryFolders.here(
      package: dynamicLibraries.map(FileTree.parent(of:)), toolchain: toolchainLibraries, for: program.machine)
    return try LibraryResolver(folders).resolve(program, additional: dynamicLibraries)
  }
}

extension ProductArtifacts: Codable {
  private enum CodingKeys: String, CodingKey {
    case package, product, executable, resourceBundles, dynamicLibraries, executableProducts, toolchainLibraries
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func paths(_ key: CodingKeys) throws -> [String] { try container.decodeIfPresent([String].self, forKey: key) ?? [] }
    self.init(
      package: try container.decode(Package.self, forKey: .package),
      product: try container.decode(String.self, forKey: .product),
      executable: try container.decode(String.self, forKey: .executable), resourceBundles: try paths(.resourceBundles),
      dynamicLibraries: try paths(.dynamicLibraries), executableProducts: try paths(.executableProducts),
      toolchainLibraries: try paths(.toolchainLibraries))
  }
}
