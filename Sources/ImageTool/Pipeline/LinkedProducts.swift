import SematicAssembly
import SematicConfiguration
import SematicFiles
import SematicSystem

extension PipelineConfiguration {
  /// Products as SwiftPM has linked them by the setting `linking`.
  /// - Throws: `SecondRuntime`, `FileError`.
  func linked(_ products: [ProductArtifacts]) throws -> [ProductArtifacts] {
    guard let linking = self.linking, linking != .dynamic else { return products }
    for product in products {
      // A plain `swift build` would follow the plan of this build, and keep what was linked in another way.
      let folder = FileTree.parent(of: product.executable)
      let scratch = FileTree.parent(of: FileTree.parent(of: folder))
      try? FileTree.remove("\(scratch)/\(FileTree.name(of: folder)).yaml")
      for library in product.dynamicLibraries where try !FileSearch.occurring(["swift5_"], in: library).isEmpty {
        throw SecondRuntime(product: product.product, library: FileTree.name(of: library), linking: linking)
      }
    }
    return products
  }
}

/// A dynamic library in Swift beside a program that has Swift's runtime in itself: the library has it, too, and the
/// first value that goes from one to the other crashes the program.
struct SecondRuntime: ExplainedError {
  let product: String
  let library: String
  let linking: Linking

  var description: String {
    "linking: \(linking) does not work for '\(product)': it is linked with \(library), a dynamic library in Swift, and "
      + "each would have a runtime of its own"
  }

  var hint: String? {
    "depend on the library's static product, as on Sematic in place of SematicDynamic, or use linking: dynamic"
  }
}
