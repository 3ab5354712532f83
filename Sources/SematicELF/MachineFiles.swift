import SematicFiles

/// This machine's files.
package struct MachineFiles: FileLookup {
  package init() {}

  package func realPath(of path: String) -> String? { try? FileTree.resolved(path) }

  package func isFile(_ path: String) -> Bool { (try? FileStatus(of: path))?.kind == .file }

  package func elfFiles(at paths: [String]) -> [LibraryCandidate] {
    paths.map { path in (try? ElfFile(path)).map(LibraryCandidate.elf) ?? .unusable }
  }

  package func texts(at paths: [String]) -> [String?] {
    paths.map { path in
      (try? FileTree.read(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  package func names(in folder: String) -> [String] { (try? FileTree.names(in: folder)) ?? [] }
}
