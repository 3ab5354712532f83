import SematicELF
import SematicFiles

extension ProductArtifacts {
  /// The artifacts of an executable that no plugin told of: the dynamic libraries beside it, and the resource bundles
  /// whose names it or they hold.
  /// - Parameter searches: remembers what was found in the files.
  /// - Throws: `ElfError`, `FileError`.
  package static func besides(
    executable: String, searches: FileSearchCache? = nil
  ) throws -> ProductArtifacts {
    let path = FileTree.absolute(executable)
    let folder = FileTree.parent(of: path)
    let name = FileTree.name(of: path)
    var artifacts = ProductArtifacts(product: name, executable: path)
    artifacts.dynamicLibraries = try artifacts.libraryClosure().libraries(of: .package).map(\.file.path)

    var bundles: [String: String] = [:]
    for name in try FileTree.names(in: folder) {
      guard let text = searchedText(ofBundle: name), FileTree.isDirectory(folder + "/" + name) else { continue }
      bundles[name] = text
    }
    var found: Set<String> = []
    for file in [path] + artifacts.dynamicLibraries {
      let texts = bundles.values.sorted()
      found.formUnion(try searches?.occurring(texts, in: file) ?? FileSearch.occurring(texts, in: file))
    }
    artifacts.resourceBundles = bundles.filter { found.contains($0.value) }.keys.sorted().map { folder + "/" + $0 }
    return artifacts
  }

  /// The part of a bundle's name that the generated code of `Bundle.module` always holds; nil for another file.
  ///
  /// Short text is often part of the instructions, but the code has the name within longer text, too: in the path of the
  /// build folder, or (`--build-system swiftbuild`) in the message of its failure.
  private static func searchedText(ofBundle name: String) -> String? {
    if name.hasSuffix(".resources") { return name }
    return name.hasSuffix(".bundle") && name != ".bundle" ? String(name.dropLast(".bundle".count)) : nil
  }
}
