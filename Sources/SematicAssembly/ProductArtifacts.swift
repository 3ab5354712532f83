import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// What a build of a product has left on disk, as SwiftPM tells it to a plugin. The plugins write it as JSON.
package struct ProductArtifacts: Equatable, Sendable {
  /// The launch program's name.
  package var product: String
  package var executable: String
  /// Folders that Swift's `Bundle.module` looks for beside the executable.
  package var resourceBundles: [String]
  package var dynamicLibraries: [String]
  /// The root of the system that the product was built for, where that is another one than this machine's.
  package var systemRoot: String?

  package init(
    product: String, executable: String, resourceBundles: [String] = [],
    dynamicLibraries: [String] = [], systemRoot: String? = nil
  ) {
    self.systemRoot = systemRoot
    self.product = product
    self.executable = executable
    self.resourceBundles = resourceBundles
    self.dynamicLibraries = dynamicLibraries
  }

  /// What the context file of a plugin says of each product that was built.
  /// - Throws: `FileError`, also where the content is not what it should be.
  package static func list(contextFile path: String) throws -> [ProductArtifacts] {
    let bytes = try FileTree.read(path, limit: 16 << 20)
    do {
      let context = try decodeJSON(BuildContext.self, from: Data(bytes))
      return context.programs.map { program in
        ProductArtifacts(
          product: program.product, executable: program.executable,
          resourceBundles: program.resourceBundles ?? [], dynamicLibraries: program.dynamicLibraries ?? [])
      }
    } catch {
      throw FileError("read", path, reason: "it is not the JSON that the plugins write")
    }
  }

  /// The program with the package's and the toolchain's libraries, and what those need.
  /// - Throws: `ElfError`, `MismatchedLibrary`, `FileError`.
  package func libraryClosure() throws -> LibraryClosure {
    let program = try ElfFile(executable)
    let folders = try LibraryFolders.here(
      package: ([executable] + dynamicLibraries).map(FileTree.parent(of:)), for: program.machine, root: systemRoot)
    return try LibraryResolver(folders).resolve(program, additional: dynamicLibraries)
  }
}

/// As the plugins write it.
private struct BuildContext: Decodable {
  struct Program: Decodable {
    let product: String
    let executable: String
    let resourceBundles: [String]?
    let dynamicLibraries: [String]?
  }

  let programs: [Program]
}
