/// The files that a search of the dynamic loader looks at: this machine's, or those in an image.
package protocol FileLookup {
  /// The path with every link followed; nil where nothing lies there.
  func realPath(of path: String) throws -> String?

  func isFile(_ path: String) throws -> Bool

  /// The files at these paths, in their order. All that a search needs next is asked for at once, because a file of an
  /// image is read by reading its layer.
  func elfFiles(at paths: [String]) throws -> [LibraryCandidate]

  /// Small texts, in the order of their paths; nil for what cannot be read.
  func texts(at paths: [String]) throws -> [String?]

  /// The names in a folder, sorted; none where there is not a folder.
  func names(in folder: String) throws -> [String]
}

/// A file with the name of a wanted library.
package enum LibraryCandidate: Equatable, Sendable {
  case elf(ElfFile)
  /// A damaged ELF file, or none at all.
  case unusable
}
