import SematicFiles
import SematicOCI
import SematicSystem

/// The folder of a registry.
///
///     blobs/sha256/HEX                            all content, manifests too; read-only, never changed
///     uploads/REPOSITORY-ID                       what came so far of an upload
///     repositories/NAME/_blobs/sha256/HEX         empty: the repository has this blob
///     repositories/NAME/_manifests/sha256/HEX     holds the media type
///     repositories/NAME/_tags/TAG                 holds the digest
///     repositories/NAME/_referrers/sha256/SUBJECT/sha256-HEX   holds the descriptor
///
/// No part of a repository's name begins with an underscore. Whatever is written appears by a rename, so any number of
/// servers can share the folder, and one that is killed leaves nothing that is read as more than it is.
struct Store: Sendable {
  let root: String

  func prepare() throws {
    for folder in ["blobs", "repositories", "uploads"] { try FileTree.createDirectory("\(root)/\(folder)") }
    try Uploads.removeStale(in: self, olderThan: 24 * 3600)
  }

  func path(ofBlob digest: Digest) -> String { "\(root)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

  var uploads: String { "\(root)/uploads" }

  func repository(_ name: RepositoryName) -> Repository {
    Repository(store: self, name: name, path: "\(root)/repositories/\(name.text)")
  }

  /// In bytes; nil when there is no such blob.
  func size(ofBlob digest: Digest) throws -> Int64? { try FileStatus.ifPresent(path(ofBlob: digest))?.size }

  /// A small blob as a whole; nil when there is none.
  func read(_ digest: Digest) throws -> [UInt8]? {
    do {
      return try FileTree.read(path(ofBlob: digest))
    } catch let error as FileError where error.isMissing {
      return nil
    }
  }

  func write(_ bytes: [UInt8], as digest: Digest) throws {
    guard try size(ofBlob: digest) != Int64(bytes.count) else { return }
    try AtomicFile.write(bytes, to: path(ofBlob: digest), mode: 0o444)
  }

  /// Names of all repositories that were ever written to, in the order of their bytes.
  func repositories() throws -> [RepositoryName] {
    var found: [RepositoryName] = []
    func visit(_ folder: String, _ name: String) throws {
      let names = try FileTree.names(ifPresent: folder)
      if names.contains("_blobs") || names.contains("_manifests"), let valid = try? RepositoryName(name) {
        found.append(valid)
      }
      for part in names where !part.hasPrefix("_") && !part.hasPrefix(".") {
        try visit("\(folder)/\(part)", name.isEmpty ? part : "\(name)/\(part)")
      }
    }
    try visit("\(root)/repositories", "")
    return found.sorted { $0.text < $1.text }
  }

  enum Access { case using, cleaning }

  /// Keeps the garbage collection of any process from taking a blob between the look at it and the link to it.
  func locked<Result>(_ access: Access, _ body: () throws -> Result) throws -> Result {
    let path = "\(root)/.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    defer { close(descriptor) }
    while flock(descriptor, access == .using ? LOCK_SH : LOCK_EX) != 0 {
      // A file system without locks cannot be shared safely by a garbage collection; serving from it is fine.
      guard errno == EINTR else {
        if access == .using { break }
        throw FileError("lock", path, code: errno)
      }
    }
    return try body()
  }
}

extension FileTree {
  /// As `names(in:)`; nothing when there is no such folder.
  static func names(ifPresent folder: String) throws -> [String] {
    do {
      return try names(in: folder)
    } catch let error as FileError where error.isMissing {
      return []
    }
  }
}
