import SematicELF

/// The files of an image for the loader's search. All that is asked for at once takes one reading of each layer.
extension ImageFiles: FileLookup {
  package func realPath(of path: String) throws -> String? { try tree.resolve(path).found.map { "/" + $0.path } }

  package func isFile(_ path: String) throws -> Bool { try tree.resolve(path).found?.entry.kind == .file }

  package func elfFiles(at paths: [String]) throws -> [LibraryCandidate] {
    try zip(paths, facts(at: paths)).map { path, fact in
      guard case .elf(var file, _) = fact else { return .unusable }
      file.path = path
      return .elf(file)
    }
  }

  package func texts(at paths: [String]) throws -> [String?] {
    try facts(at: paths).map { if case .text(let text) = $0 { text } else { nil } }
  }

  package func names(in folder: String) throws -> [String] {
    guard let found = try tree.resolve(folder).found, found.entry.kind == .directory else { return [] }
    return try tree.names(in: found.path)
  }

  private func facts(at paths: [String]) throws -> [FileFact?] {
    let found = try paths.map { try tree.resolve($0).found }
    var facts = try facts(of: found.compactMap { $0 }).makeIterator()
    return found.map { $0 == nil ? nil : facts.next() }
  }
}
