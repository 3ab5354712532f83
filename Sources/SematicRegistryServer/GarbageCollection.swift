import SematicFiles
import SematicOCI
import SematicSystem

/// A mark and sweep of blobs: what manifests refer to stays, and what is young.
struct GarbageCollection {
  /// A manifest that cannot be read, so that the blobs that it needs are unknown.
  struct UnreadableManifest: ExplainedError {
    let repository: String
    let digest: Digest

    var description: String {
      "cannot remove unused blobs: \(repository)@\(digest) is not a readable manifest; nothing was removed"
    }

    var hint: String? { nil }
  }

  let store: Store
  /// In seconds: a blob is pushed before its manifest, so a younger one may still be needed.
  let grace: Int64

  func run() throws -> (removedBlobs: Int, bytes: Int64) {
    guard FileTree.isDirectory("\(store.root)/blobs") else { return (0, 0) }
    return try store.locked(.cleaning) {
      let repositories = try store.repositories().map { store.repository($0) }
      var wanted: Set<Digest> = []
      for repository in repositories { try mark(repository, &wanted) }
      let result = try sweep(wanted)
      for repository in repositories {
        for link in try repository.blobs() where try store.size(ofBlob: link.digest) == nil {
          try FileTree.remove(link.path)
        }
      }
      try Uploads.removeStale(in: store, olderThan: max(grace, 24 * 3600))
      for folder in ["blobs", "repositories"] { try removePartialFiles("\(store.root)/\(folder)") }
      return result
    }
  }

  private func mark(_ repository: Repository, _ wanted: inout Set<Digest>) throws {
    for digest in try repository.manifests() {
      guard let bytes = try store.read(digest) else { continue }
      wanted.insert(digest)
      guard let document = try? ManifestDocument(bytes: Data(bytes), mediaType: nil) else {
        throw UnreadableManifest(repository: repository.name.text, digest: digest)
      }
      switch document.content {
      case .manifest(let manifest): wanted.formUnion([manifest.config.digest] + manifest.layers.map(\.digest))
      case .index(let index): wanted.formUnion(index.manifests.map(\.digest))
      }
    }
    for link in try repository.blobs() where try isYoung(link.path) { wanted.insert(link.digest) }
  }

  private func sweep(_ wanted: Set<Digest>) throws -> (removedBlobs: Int, bytes: Int64) {
    var (count, bytes) = (0, Int64(0))
    for algorithm in ["sha256", "sha512"] {
      for name in try FileTree.names(ifPresent: "\(store.root)/blobs/\(algorithm)") {
        guard let digest = try? Digest("\(algorithm):\(name)"), !wanted.contains(digest) else { continue }
        let path = store.path(ofBlob: digest)
        guard try !isYoung(path), let size = try store.size(ofBlob: digest) else { continue }
        try FileTree.remove(path)
        count += 1
        bytes += size
      }
    }
    return (count, bytes)
  }

  /// Removes the unfinished files of servers that were killed.
  private func removePartialFiles(_ folder: String) throws {
    for name in try FileTree.names(in: folder) {
      let path = "\(folder)/\(name)"
      if name.hasPrefix(".partial-") {
        if try !isYoung(path) { try FileTree.remove(path) }
      } else if try FileStatus.ifPresent(path, followingLinks: false)?.kind == .directory {
        try removePartialFiles(path)
      }
    }
  }

  private func isYoung(_ path: String) throws -> Bool {
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return true }
    return status.modified / 1_000_000_000 > Int64(time(nil)) - grace
  }
}
