import SematicFiles

/// The dynamic loader's search for the libraries that a program needs, for any processor and without loading them.
///
/// https://man7.org/linux/man-pages/man8/ld.so.8.html
package struct LibraryResolver {
  package let folders: LibraryFolders
  private let files: any FileLookup

  package init(_ folders: LibraryFolders, in files: any FileLookup = MachineFiles()) {
    self.folders = folders
    self.files = files
  }

  /// - Parameters:
  ///   - additional: libraries that come with the program: they and what they need are found as well.
  ///   - optional: names of libraries that the program can start without.
  /// - Throws: `ElfError` for one of the additional that is no library or for an endless search, `FileError`, and what
  ///   the look-up throws.
  package func resolve(
    _ program: ElfFile, additional: [String] = [], optional: [String] = []
  ) throws -> LibraryClosure {
    guard program.kind.isProgram else { throw ElfError(path: program.path, reason: .notProgram(program.kind)) }
    var search = try LibrarySearch(program, folders, files)
    for path in additional.sorted() { try search.add(path) }
    try search.run(optional: optional)
    return try search.closure()
  }
}
