import SematicFiles
import SematicSystem

/// The folders in which libraries are looked for, besides those that ELF files name themselves.
package struct LibraryFolders: Hashable, Sendable {
  /// Where the package's own dynamic libraries are, besides the program's folder.
  package var package: [String]
  /// Where Swift's runtime libraries are: `<toolchain>/usr/lib/swift/linux`.
  package var toolchain: [String]
  /// Where the loader looks in the end.
  package var system: [String]

  package init(package: [String] = [], toolchain: [String] = [], system: [String]) {
    self.package = package
    self.toolchain = toolchain
    self.system = system
  }

  /// With this machine's own folders for libraries, as `ld.so` searches them: first what its configuration names.
  ///
  /// https://man7.org/linux/man-pages/man8/ld.so.8.html
  package static func here(package: [String] = [], toolchain: [String] = [], for machine: ElfMachine) -> Self {
    let multiarch = machine.multiarchNames.flatMap { ["/lib/" + $0, "/usr/lib/" + $0] }
    let wide = machine.is64Bit ? ["/lib64", "/usr/lib64"] : []
    return LibraryFolders(
      package: package, toolchain: toolchain,
      system: configured("/etc/ld.so.conf") + multiarch + wide + ["/lib", "/usr/lib", "/usr/local/lib"])
  }

  /// The folders of a configuration file of `ldconfig`, with the files that it includes. An unreadable one names none.
  static func configured(_ path: String, depth: Int = 0) -> [String] {
    guard depth < 8, let bytes = try? FileTree.read(path, limit: 1 << 20) else { return [] }
    var folders: [String] = []
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," })
      if words.first == "include" {
        for pattern in words.dropFirst() {
          let absolute = FileTree.absolute(String(pattern), from: FileTree.parent(of: path))
          folders += matches(absolute).flatMap { configured($0, depth: depth + 1) }
        }
      } else {
        folders += words.map(String.init).filter { $0.hasPrefix("/") }
      }
    }
    return folders
  }

  private static func matches(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0, let paths = result.gl_pathv else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
  }
}
