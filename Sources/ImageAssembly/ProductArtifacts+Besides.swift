import FileSystem

extension ProductArtifacts {
  /// What lies beside an executable and belongs to it, where no plugin says so: its dynamic libraries, and the resource
  /// bundles whose names it or they hold.
  /// - Throws: `ElfError`, `FileError`.
  package static func besides(
    executable: String, package: Package? = nil, toolchainLibraries: [String] = []
  ) throws -> ProductArtifacts {
    let path = FileTree.absolute(executable)
    let folder = FileTree.parent(of: path)
    let name = FileTree.name(of: path)
    var artifacts = ProductArtifacts(
      package: package ?? Package(name: name, directory: folder), product: name, executable: path,
      executableProducts: [name], toolchainLibraries: toolchainLibraries)
    artifacts.dynamicLibraries = try artifacts.libraryClosure().libraries(of: .package).map(\.file.path)

    var bundles: [String: String] = [:]
    for name in try FileTree.names(in: folder) {
      guard let text = searchedText(ofBundle: name), FileTree.isDirectory(folder + "/" + name) else { continue }
      bundles[name] = text
    }
    var wanted = Set(bundles.filter { $0.value.isEmpty }.keys)
    for file in [path] + artifacts.dynamicLibraries {
      let found = Set(try FileSearch.occurring(bundles.values.sorted(), in: file))
      wanted.formUnion(bundles.filter { found.contains($0.value) }.keys)
    }
    artifacts.resourceBundles = wanted.sorted().map { folder + "/" + $0 }
    return artifacts
  }

  /// What the generated code of `Bundle.module` holds of a bundle's name; empty where that cannot be searched for; nil
  /// for another file.
  private static func searchedText(ofBundle name: String) -> String? {
    // It also holds the path of the build folder, so that the name is there in full.
    if name.hasSuffix(".resources") { return name }
    guard name.hasSuffix(".bundle") else { return nil }
    // Without that path, text of up to 15 bytes is part of the instructions.
    let stem = String(name.dropLast(".bundle".count))
    return stem.utf8.count > 15 ? stem : ""
  }
}
