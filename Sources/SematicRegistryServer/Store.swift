import SematicFiles
import SematicOCI
import SematicSystem

/// The registry's data in its folder.
///
///     blobs/sha256/HEX                            all content, manifests too; read-only, never changed
///     uploads/REPOSITORY-ID                       the received part of an upload
///     repositories/NAME/_blobs/sha256/HEX         empty: the repository has this blob
///     repositories/NAME/_manifests/sha256/HEX     the manifest's media type
///     repositories/NAME/_tags/TAG                 the digest
///     repositories/NAME/_referrers/sha256/SUBJECT/sha256-HEX   the referrer's descriptor
///     serving.json                                where a server of this folder listens
///
/// No component of a repository's name begins with an underscore. Files appear by a rename, so any number of servers can
/// share the folder, and a server that is killed leaves nothing that could be taken for more than it is.
struct Store: Sendable {
  let folder: StoreFolder

  init(root: String) { folder = StoreFolder(root: root) }

  func prepare() throws {
    // For its owner alone: others are to read it through the server, which may require a login.
    try FileTree.createDirectory(folder.root, mode: 0o700)
    for name in ["blobs", "repositories", "uploads"] { try FileTree.createDirectory("\(folder.root)/\(name)") }
    try Uploads.removeStale(in: self, olderThan: 24 * 3600)
  }

  func path(ofBlob digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

  func repository(_ name: RepositoryName) -> Repository {
    Repository(store: self, name: name, path: "repositories/\(name.text)")
  }

  /// The size of a blob in bytes; nil when there is no such blob.
  func size(ofBlob digest: Digest) throws -> Int64? {
    try folder.status(path(ofBlob: digest)).flatMap { $0.isFolder ? nil : $0.size }
  }

  /// A small blob as a whole; nil when there is none.
  func read(_ digest: Digest) throws -> [UInt8]? { try folder.read(path(ofBlob: digest)) }

  func write(_ bytes: [UInt8], as digest: Digest) throws {
    guard try size(ofBlob: digest) != Int64(bytes.count) else { return }
    try folder.write(bytes, to: path(ofBlob: digest), mode: 0o444)
  }

  /// The names of all repositories that were ever written to, in the order of their bytes.
  func repositories() throws -> [RepositoryName] {
    var found: [RepositoryName] = []
    func visit(_ path: String, _ name: String) throws {
      let names = try folder.names(path)
      if names.contains("_blobs") || names.contains("_manifests"), let valid = try? RepositoryName(name) {
        found.append(valid)
      }
      // Nothing deeper has a valid name.
      guard name.utf8.count < 255 else { return }
      for part in names where !part.hasPrefix("_") && !part.hasPrefix(".") {
        try visit("\(path)/\(part)", name.isEmpty ? part : "\(name)/\(part)")
      }
    }
    try visit("repositories", "")
    return found.sorted { $0.text < $1.text }
  }

  enum Use { case serving, cleaning }

  /// Keeps the garbage collection of any process from removing a blob between a look at it and the link to it.
  /// - Throws: `Pause.lock` when a garbage collection is running.
  func locked<Result>(_ use: Use, _ body: () throws -> Result) throws -> Result {
    let file = try folder.open(".lock", O_RDWR | O_CREAT, creating: true)
    while flock(file.descriptor, use == .serving ? LOCK_SH | LOCK_NB : LOCK_EX) != 0 {
      if errno == EINTR { continue }
      if errno == EWOULDBLOCK { throw Pause.lock }
      // A file system without locks cannot be shared safely by a garbage collection; serving from it is fine.
      if use == .serving { break }
      throw FileError("lock", file.path, code: errno)
    }
    return try body()
  }
}
