import SematicFiles
import SematicOCI
import SematicSystem

/// Blobs in a folder of this machine: checked when added, and sealed.
package struct BlobCache: Sendable {
  package let folder: String

  /// - Parameter folder: it does not have to exist yet.
  package init(_ folder: String) { self.folder = FileTree.absolute(folder) }

  package func path(of digest: Digest) -> String { "\(folder)/\(digest.algorithm.rawValue)/\(digest.hex)" }

  package func contains(_ descriptor: Descriptor) throws -> Bool { try file(for: descriptor) != nil }

  /// The sealed file of a blob.
  ///
  /// A file that was changed is checked again, and sealed or removed. Each use seals it again: the time of that tells
  /// which blobs are in use.
  package func file(for descriptor: Descriptor) throws -> String? {
    let path = path(of: descriptor.digest)
    if try SealedFile.exists(path, size: descriptor.size) {
      try? SealedFile.seal(path)
      return path
    }
    guard let status = try FileStatus.ifPresent(path, followingLinks: false), status.kind == .file,
      status.size == descriptor.size
    else { return nil }
    do {
      try BlobContent.file(path).read(descriptor) { _ in }
      try SealedFile.seal(path)
      return path
    } catch {
      try FileTree.remove(path)
      return nil
    }
  }

  /// The blob's file, fetched from `source` if it is missing.
  ///
  /// Two processes may fetch it at the same time: each writes its own file, and complete files replace each other.
  package func fetch(
    _ descriptor: Descriptor, from source: any ImageSource, progress: (Int64) throws -> Void = { _ in }
  ) throws -> String {
    if let path = try file(for: descriptor) { return path }
    let path = path(of: descriptor.digest)
    Leftovers.remove(in: FileTree.parent(of: path))
    let file = try AtomicFile(path, mode: 0o444)
    try source.readBlob(descriptor) { piece in
      try file.write(piece)
      try progress(Int64(piece.count))
    }
    try file.commit(sealed: true)
    return path
  }

  /// A manifest of which only the digest is known; nil when it is missing or damaged.
  package func bytes(of digest: Digest) throws -> Data? {
    let path = path(of: digest)
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return nil }
    guard status.kind == .file, status.size <= ManifestDocument.sizeLimit else { return nil }
    let bytes = Data(try FileTree.read(path, limit: ManifestDocument.sizeLimit))
    guard try Digest.of(bytes, digest.algorithm) == digest else { return nil }
    try? SealedFile.seal(path)
    return bytes
  }

  /// Stores a small blob under its digest.
  package func store(_ bytes: Data, as digest: Digest) throws {
    guard try Digest.of(bytes, digest.algorithm) == digest else { return }
    let file = try AtomicFile(path(of: digest), mode: 0o444)
    try file.write(bytes)
    try file.commit(sealed: true)
  }
}
