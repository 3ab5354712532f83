import SematicELF
import SematicFiles

extension ProductArtifacts {
  /// The artifacts of an executable that no plugin told of: the dynamic libraries beside it, and the resource bundles
  /// whose names it or they hold.
  /// - Parameters:
  ///   - systemRoot: the root of the system that it was built for, where that is another one than this machine's.
  ///   - searches: remembers what was found in the files.
  /// - Throws: `ElfError`, `FileError`.
  package static func besides(
    executable: String, systemRoot: String? = nil, searches: FileSearchCache? = nil
  ) throws -> ProductArtifacts {
    let path = FileTree.absolute(executable)
    let folder = FileTree.parent(of: path)
    let name = FileTree.name(of: path)
    var artifacts = ProductArtifacts(product: name, executable: path, systemRoot: systemRoot)
    _ = try FileStatus(of: path)
    // A program that is started here and goes into no image need not be one for Linux.
    guard ElfMachine(of: path) != nil else { return artifacts }
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
    var names = bundles.filter { found.contains($0.value) }.map(\.key)
    if names.count < bundles.count {
      let modules = linkedModules(of: [path] + artifacts.dynamicLibraries)
      names += bundles.keys.filter { !names.contains($0) && isBundle($0, of: modules) }
    }
    artifacts.resourceBundles = names.sorted().map { folder + "/" + $0 }
    return artifacts
  }

  /// The modules of programs and libraries, by SwiftPM's lists of what it linked: code in C does not name its bundle.
  private static func linkedModules(of files: [String]) -> Set<String> {
    var modules: Set<String> = []
    for file in files {
      let name = FileTree.name(of: file)
      let product = name.hasPrefix("lib") && name.hasSuffix(".so") ? String(name.dropFirst(3).dropLast(3)) : name
      let list = FileTree.parent(of: file) + "/\(product).product/Objects.LinkFileList"
      guard let bytes = try? FileTree.read(list, limit: 16 << 20) else { continue }
      // Each line is the path of an object file, `<module>.build/<source>.o`, some in quotes.
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        if let folder = line.split(separator: "/").last(where: { $0.hasSuffix(".build") && $0 != ".build" }) {
          modules.insert(String(folder.dropLast(".build".count)))
        }
      }
    }
    return modules
  }

  /// Whether a bundle, `<package>_<target>`, is of one of the modules.
  private static func isBundle(_ name: String, of modules: Set<String>) -> Bool {
    let stem = name.dropLast(name.hasSuffix(".bundle") ? ".bundle".count : ".resources".count)
    let identifier = String(stem.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    return modules.contains { identifier.hasSuffix("_" + $0) }
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
