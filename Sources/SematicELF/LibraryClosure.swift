import SematicFiles

/// Everything that a program needs to be loaded: its libraries, their libraries, and so on.
package struct LibraryClosure: Equatable, Sendable {
  /// Whose library it is.
  package enum Origin: String, Equatable, Sendable {
    /// The package's: built with the program, or beside it.
    case package
    /// Swift's runtime.
    case toolchain
    /// The system's, on which the search ran.
    case system
  }

  package struct Library: Equatable, Sendable {
    /// The name by which it is asked for, and so the name that its file must have: `libc.so.6`.
    package let name: String
    package let origin: Origin
    package let file: ElfFile
    /// The names of the programs and libraries that ask for it.
    package var neededBy: [String]
  }

  package struct Missing: Equatable, Sendable {
    package let name: String
    package var neededBy: [String]
    /// The file at which the loader gives up: it has the library's name and is none.
    package var unusable: String?

    package init(name: String, neededBy: [String], unusable: String? = nil) {
      self.name = name
      self.neededBy = neededBy
      self.unusable = unusable
    }
  }

  /// A library that the program loads at run time, with those that it needs and the program does not.
  package struct RuntimeLoaded: Equatable, Sendable {
    package let note: DlopenNote
    /// The name of the program or library that loads it.
    package let loadedBy: String
    /// In the order in which they can be loaded one by one, itself at the end; empty where it was not found.
    package let libraries: [Library]
    package let missing: [Missing]

    /// The name by which it was found.
    package var name: String? { libraries.last?.name }
  }

  /// A version of a library's symbols that the library does not have.
  package struct MissingVersion: Equatable, Sendable {
    /// `GLIBC_2.35`.
    package let version: String
    package let library: String
    package let neededBy: String
    /// Whether only a library needs it that is loaded at run time.
    package let isRuntimeLoaded: Bool
  }

  package let executable: ElfFile
  /// In the order in which a loader would find them.
  package let libraries: [Library]
  package let missing: [Missing]
  package let runtimeLoaded: [RuntimeLoaded]

  package init(
    executable: ElfFile, libraries: [Library] = [], missing: [Missing] = [], runtimeLoaded: [RuntimeLoaded] = []
  ) {
    self.executable = executable
    self.libraries = libraries
    self.missing = missing
    self.runtimeLoaded = runtimeLoaded
  }

  package func libraries(of origin: Origin) -> [Library] { libraries.filter { $0.origin == origin } }

  /// Whether these libraries are found when they lie in one folder with the program, with search paths as
  /// `ImageSearchPath` makes them, and without LD_LIBRARY_PATH.
  package func isFoundBesideExecutable(_ brought: [Library]) -> Bool {
    let names = Set(brought.map(\.name))
    let program = ImageSearchPath(executable).findsBeside
    return ([executable] + brought.map(\.file)).filter { $0.needed.contains(where: names.contains) }.allSatisfy {
      file in
      ImageSearchPath(file).findsBeside || program && file.runpath.isEmpty
    }
  }

  /// The libraries that one of them needs, and those that they need, with itself.
  package func needs(of name: String) -> [Library] {
    var (names, found): ([String], [Library]) = ([name], [])
    var seen: Set = [name]
    while let name = names.popLast() {
      guard let library = libraries.first(where: { $0.name == name || $0.file.soname == name }) else { continue }
      found.append(library)
      names += library.file.needed.filter { seen.insert($0).inserted }
    }
    return found
  }

  /// All libraries, with those that are loaded at run time.
  package var allLibraries: [Library] { libraries + runtimeLoaded.flatMap(\.libraries) }

  /// Whether one of the libraries, or one that is missing, has a name that starts so.
  package func asksFor(_ prefix: String) -> Bool {
    allLibraries.contains { $0.name.hasPrefix(prefix) } || missing.contains { $0.name.hasPrefix(prefix) }
  }

  /// The versions that the libraries found here do not have.
  package var missingVersions: [MissingVersion] {
    var found: [String: ElfFile] = [:]
    for library in allLibraries {
      for name in [library.name, library.file.soname ?? library.name] where found[name] == nil {
        found[name] = library.file
      }
    }
    let program = [(FileTree.name(of: executable.path), executable)]
    func missing(_ files: [(String, ElfFile)], isRuntimeLoaded: Bool) -> [MissingVersion] {
      files.flatMap { name, file in
        file.versionNeeds.compactMap { need in
          // A library without any versions satisfies all, with a warning of the loader.
          guard let library = found[need.library], !library.versionDefinitions.isEmpty,
            !library.versionDefinitions.contains(need.version)
          else { return nil }
          return MissingVersion(
            version: need.version, library: need.library, neededBy: name, isRuntimeLoaded: isRuntimeLoaded)
        }
      }
    }
    return missing(program + libraries.map { ($0.name, $0.file) }, isRuntimeLoaded: false)
      + missing(runtimeLoaded.flatMap(\.libraries).map { ($0.name, $0.file) }, isRuntimeLoaded: true)
  }

  /// The newest version of a kind: `GLIBC_2.36` of GLIBC.
  package static func newestVersion(in versions: [String], of kind: String) -> String? {
    versions.compactMap { version -> ([Int], String)? in
      guard version.hasPrefix(kind + "_") else { return nil }
      let numbers = version.dropFirst(kind.count + 1).split(separator: ".").map { Int($0) ?? -1 }
      return numbers.isEmpty || numbers.contains(-1) ? nil : (numbers, version)
    }.max { $0.0.lexicographicallyPrecedes($1.0) }?.1
  }
}
