import SematicFiles
import SematicSystem

/// The folders in which libraries are looked for, besides those that ELF files name themselves.
package struct LibraryFolders: Equatable, Sendable {
  /// The folders of `LD_LIBRARY_PATH`.
  package var libraryPath: [String]
  /// The folders of the package's own libraries.
  package var package: [String]
  /// The folders of Swift's runtime libraries: `<toolchain>/usr/lib/swift/linux`.
  package var toolchain: [String]
  /// The loader's own folders, which it searches last.
  package var system: [String]
  /// Folders that the program searches itself for what it loads at run time (Sources/CSematic/beside.c): only libraries
  /// with a `.needs` file, whose own needs are looked for there first.
  package var bundled: [String]
  /// The folder in which the program is started, for relative paths; nil where nobody knows.
  package var working: String?

  package init(
    libraryPath: [String] = [], package: [String] = [], toolchain: [String] = [], system: [String] = [],
    bundled: [String] = [], working: String? = nil
  ) {
    self.libraryPath = libraryPath
    self.package = package
    self.toolchain = toolchain
    self.system = system
    self.bundled = bundled
    self.working = working
  }

  /// The folders of this machine.
  /// - Parameter root: the root of another system, where libraries are found that this machine does not have.
  package static func here(
    package: [String] = [], toolchain: [String] = [], for machine: ElfMachine, root: String? = nil
  ) throws -> LibraryFolders {
    let others = root.map { root in usual(for: machine).map { root + $0 } } ?? []
    return LibraryFolders(
      package: package, toolchain: toolchain, system: try system(for: machine, in: MachineFiles()) + others)
  }

  /// The folders of the loader's configuration, then those that it knows without one.
  ///
  /// https://man7.org/linux/man-pages/man8/ld.so.8.html
  package static func system(for machine: ElfMachine, in files: some FileLookup) throws -> [String] {
    try configured("/etc/ld.so.conf", in: files) + usual(for: machine)
  }

  private static func usual(for machine: ElfMachine) -> [String] {
    let names = machine.multiarchName.map { ["/lib/" + $0, "/usr/lib/" + $0] } ?? []
    let wide = machine.is64Bit ? ["/lib64", "/usr/lib64"] : []
    return names + wide + ["/lib", "/usr/lib", "/usr/local/lib"]
  }

  /// Fewer than a hostile image could name, and more than any system has.
  private static let configurationLimit = 1000

  /// The folders of a configuration file of `ldconfig`, with the files that it includes, each once.
  static func configured(_ path: String, in files: some FileLookup = MachineFiles()) throws -> [String] {
    var seen: Set<String> = []
    func folders(_ paths: [String]) throws -> [String] {
      let paths = paths.filter { seen.count < configurationLimit && seen.insert($0).inserted }
      return try zip(paths, files.texts(at: paths)).flatMap { path, text -> [String] in
        try (text ?? "").split(whereSeparator: \.isNewline).flatMap { line -> [String] in
          let words: [String] = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "," }.map(
            String.init)
          guard words.first == "include" else { return words.filter { $0.hasPrefix("/") } }
          return try words.dropFirst().flatMap { pattern -> [String] in
            try folders(matches(FileTree.absolute(pattern, from: FileTree.parent(of: path)), in: files))
          }
        }
      }
    }
    return Array(try folders([path]).prefix(configurationLimit))
  }

  /// The files that a pattern with `*` names, sorted.
  private static func matches(_ pattern: String, in files: some FileLookup) throws -> [String] {
    var found = [""]
    for part in pattern.split(separator: "/") {
      found =
        try part.contains("*")
        ? found.flatMap { folder in
          try files.names(in: folder.isEmpty ? "/" : folder).filter { matches($0, part) }.map { "\(folder)/\($0)" }
        }
        : found.map { "\($0)/\(part)" }
      found = Array(found.prefix(configurationLimit))
    }
    return found
  }

  private static func matches(_ name: String, _ pattern: Substring) -> Bool {
    // As in a shell, a leading dot has to be written.
    guard !name.hasPrefix(".") || pattern.hasPrefix(".") else { return false }
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, name.utf8.count >= first.utf8.count + last.utf8.count,
      name.hasPrefix(first), name.hasSuffix(last)
    else { return false }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}
