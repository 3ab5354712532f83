import SematicFiles
import SematicOCI
import SematicSystem

/// Blobs on this machine's disk, by digest: `sha256/HEX` in one folder, checked when they came in and sealed.
package struct BlobCache: Sendable {
  package let folder: String

  /// - Parameter folder: it need not exist yet.
  package init(_ folder: String) { self.folder = FileTree.absolute(folder) }

  package func path(of digest: Digest) -> String { "\(folder)/\(digest.algorithm.rawValue)/\(digest.hex)" }

  package func contains(_ descriptor: Descriptor) throws -> Bool { try file(for: descriptor) != nil }

  /// The sealed file of a blob. One that somebody wrote to is read again: it is sealed once more, or removed.
  package func file(for descriptor: Descriptor) throws -> String? {
    let path = path(of: descriptor.digest)
    if try SealedFile.exists(path, size: descriptor.size) { return path }
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

  /// The blob's file, fetched from `source` if it is not there. Two processes may do so at the same time: each writes a
  /// file of its own, and whole ones with equal content replace each other.
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

  /// A small blob of which only the digest is known: a manifest. Nil when it is not there or not what it should be.
  package func bytes(of digest: Digest) throws -> Data? {
    let path = path(of: digest)
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return nil }
    guard status.kind == .file, status.size <= ManifestDocument.sizeLimit else { return nil }
    let bytes = Data(try FileTree.read(path, limit: ManifestDocument.sizeLimit))
    return try Digest.of(bytes, digest.algorithm) == digest ? bytes : nil
  }

  /// Keeps small bytes under their digest.
  package func store(_ bytes: Data, as digest: Digest) throws {
    guard try Digest.of(bytes, digest.algorithm) == digest else { return }
    let file = try AtomicFile(path(of: digest), mode: 0o444)
    try file.write(bytes)
    try file.commit(sealed: true)
  }
}
