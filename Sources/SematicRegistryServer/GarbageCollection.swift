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
  var removesUntagged = false

  /// - Throws: `FileError`, `UnreadableManifest`: then nothing was removed.
  func run() throws -> CollectedGarbage {
    guard try store.folder.exists("blobs") else { return CollectedGarbage() }
    return try store.locked(.cleaning) {
      let repositories = try store.repositories().map { store.repository($0) }
      var (wanted, young): (Set<Digest>, Set<Digest>) = ([], [])
      for repository in repositories {
        if removesUntagged { try removeUntagged(repository) }
        try mark(repository, &wanted, &young)
      }
      let result = try sweep(wanted, young)
      for repository in repositories {
        for link in try repository.blobs() where try store.size(ofBlob: link.digest) == nil {
          try store.folder.remove(link.path)
        }
      }
      try Uploads.removeStale(in: store, olderThan: max(grace, 24 * 3600))
      for folder in ["blobs", "repositories"] { try removePartialFiles(folder) }
      return result
    }
  }

  /// Removes the manifests that nobody can come to who does not know the digest, and that nobody did for long. What is about
  /// an image stays as long as the image.
  private func removeUntagged(_ repository: Repository) throws {
    var kept = Set(try repository.tags().compactMap { try repository.digest(of: $0) })
    let manifests = try repository.manifestLinks()
    var subjects: [Digest: Digest] = [:]
    for manifest in manifests {
      guard let bytes = try store.read(manifest.digest),
        let document = try? ManifestDocument(bytes: Data(bytes), mediaType: nil)
      else { continue }
      switch document.content {
      case .manifest(let content): subjects[manifest.digest] = content.subject?.digest
      case .index(let index): kept.formUnion(index.manifests.map(\.digest))
      }
    }
    for manifest in manifests where subjects[manifest.digest] == nil && !kept.contains(manifest.digest) {
      if try !isYoung(manifest.path) { try repository.removeManifest(manifest.digest) }
    }
    for manifest in manifests where !kept.contains(manifest.digest) {
      guard let subject = subjects[manifest.digest], try repository.mediaType(ofManifest: subject) == nil,
        try !isYoung(manifest.path)
      else { continue }
      try repository.removeManifest(manifest.digest)
      try repository.removeReferrer(manifest.digest, of: subject)
    }
  }

  private func mark(_ repository: Repository, _ wanted: inout Set<Digest>, _ young: inout Set<Digest>) throws {
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
    for link in try repository.blobs() where try isYoung(link.path) { young.insert(link.digest) }
  }

  private func sweep(_ wanted: Set<Digest>, _ young: Set<Digest>) throws -> CollectedGarbage {
    var result = CollectedGarbage()
    for algorithm in ["sha256", "sha512"] {
      for name in try store.folder.names("blobs/\(algorithm)") {
        guard let digest = try? Digest("\(algorithm):\(name)"), !wanted.contains(digest),
          let size = try store.size(ofBlob: digest)
        else { continue }
        if try young.contains(digest) || isYoung(store.path(ofBlob: digest)) {
          result.keptBlobs += 1
          result.keptBytes += size
        } else {
          try store.folder.remove(store.path(ofBlob: digest))
          result.removedBlobs += 1
          result.bytes += size
        }
      }
    }
    return result
  }

  /// Removes the unfinished files of servers that were killed.
  private func removePartialFiles(_ folder: String) throws {
    for name in try store.folder.names(folder) {
      let path = "\(folder)/\(name)"
      if name.hasPrefix(".partial-") {
        if try !isYoung(path) { try store.folder.remove(path) }
      } else if try store.folder.status(path)?.isFolder ?? false {
        try removePartialFiles(path)
      }
    }
  }

  private func isYoung(_ path: String) throws -> Bool {
    guard let status = try store.folder.status(path) else { return true }
    return status.modified > Int64(time(nil)) - grace
  }
}

/// What a garbage collection removed, and what it kept only because it is young.
package struct CollectedGarbage: Equatable, Sendable {
  package var removedBlobs = 0
  package var bytes: Int64 = 0
  package var keptBlobs = 0
  package var keptBytes: Int64 = 0
}
