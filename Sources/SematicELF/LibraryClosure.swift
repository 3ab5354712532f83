/// Everything that a program needs to be loaded: its libraries, their libraries, and so on.
package struct LibraryClosure: Hashable, Sendable {
  /// Whose library it is.
  package enum Origin: String, Hashable, Sendable {
    /// Built with the program: given as such, or beside it.
    case package
    /// Swift's runtime.
    case toolchain
    /// This machine's.
    case system
  }

  package struct Library: Hashable, Sendable {
    /// As it is asked for, and so as its file has to be named: `libc.so.6`.
    package let name: String
    package let origin: Origin
    package let file: ElfFile
    /// The names of the programs and libraries that ask for it.
    package var neededBy: [String]
  }

  package struct Missing: Hashable, Sendable {
    package let name: String
    package var neededBy: [String]
  }

  /// A library that the program loads when it runs, with those that it needs and the program does not.
  package struct Later: Hashable, Sendable {
    /// What the program is without it, `https`, and what was looked for.
    package let library: RuntimeLibrary
    /// In the order in which they can be loaded one by one, itself at the end; empty where it is not on this machine.
    package let libraries: [Library]

    /// As it was found.
    package var name: String? { libraries.last?.name }
  }

  package let executable: ElfFile
  /// In the order in which a loader would find them.
  package let libraries: [Library]
  package let missing: [Missing]
  /// Whether they are found when the program and all libraries of the package and toolchain lie in one folder, without
  /// LD_LIBRARY_PATH.
  package let isFoundBesideExecutable: Bool
  package let later: [Later]

  package init(
    executable: ElfFile, libraries: [Library] = [], missing: [Missing] = [], isFoundBesideExecutable: Bool = true,
    later: [Later] = []
  ) {
    self.executable = executable
    self.libraries = libraries
    self.missing = missing
    self.isFoundBesideExecutable = isFoundBesideExecutable
    self.later = later
  }

  package func libraries(of origin: Origin) -> [Library] { libraries.filter { $0.origin == origin } }

  /// Whether one of the libraries, or one that is missing, has a name that starts so.
  package func asksFor(_ prefix: String) -> Bool {
    (libraries + later.flatMap(\.libraries)).contains { $0.name.hasPrefix(prefix) }
      || missing.contains { $0.name.hasPrefix(prefix) }
  }

  /// The newest version of each kind that a base has to bring: `GLIBC_2.35`, `GLIBCXX_3.4.30`.
  package var requiredVersions: [String] { Self.requiredVersions(of: [self]) }

  package static func requiredVersions(of closures: [LibraryClosure]) -> [String] {
    let files = closures.flatMap { closure in
      [closure.executable] + closure.libraries.filter { $0.origin != .system }.map(\.file)
    }
    var newest: [String: [Int]] = [:]
    for need in files.flatMap(\.versionNeeds) {
      guard let line = need.version.lastIndex(of: "_") else { continue }
      let numbers = need.version[need.version.index(after: line)...].split(separator: ".").map { Int($0) ?? -1 }
      let kind = String(need.version[..<line])
      guard ["GLIBC", "GLIBCXX", "CXXABI"].contains(kind), !numbers.contains(-1) else { continue }
      if (newest[kind] ?? []).lexicographicallyPrecedes(numbers) { newest[kind] = numbers }
    }
    return newest.sorted { $0.key < $1.key }
      .map { "\($0.key)_" + $0.value.map(String.init).joined(separator: ".") }
  }
}
