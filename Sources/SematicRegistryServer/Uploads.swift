import SematicFiles
import SematicOCI
import SematicSystem

/// The uploads under way: where their bytes are, and how far each is hashed.
///
/// All that matters is in the files: an upload outlives the server. The hashes kept here save reading the bytes again.
final class Uploads: @unchecked Sendable {  // `hashes` is guarded by `lock`
  /// The digest of the first `count` bytes.
  final class Progress {
    let algorithm: Digest.Algorithm
    let hasher: DigestHasher
    var count: Int64 = 0

    init(_ algorithm: Digest.Algorithm) throws {
      self.algorithm = algorithm
      hasher = try DigestHasher(algorithm)
    }
  }

  private let store: Store
  private let lock = Lock()
  private var hashes: [String: Progress] = [:]

  init(_ store: Store) { self.store = store }

  /// - Returns: the path of a new upload, and what it is called.
  func begin(in name: RepositoryName, algorithm: Digest.Algorithm?) throws -> (path: String, id: String) {
    let id = UUID().uuidString.lowercased()
    let path = try self.path(of: id, in: name)
    try FileTree.createDirectory(store.uploads)
    try UploadFile.create(path)
    if let algorithm { put(try Progress(algorithm), for: path) }
    return (path, id)
  }

  /// An upload is known in its repository only.
  /// - Throws: `RegistryFault` for what cannot be the name of an upload.
  func path(of id: String, in name: RepositoryName) throws -> String {
    guard id.utf8.count == 36, UUID(uuidString: id) != nil, id == id.lowercased() else { throw Self.unknown }
    return "\(store.uploads)/\(try Digest.of(name.text.utf8).hex.prefix(32))-\(id)"
  }

  static let unknown = RegistryFault(.notFound, .blobUploadUnknown, "there is no such upload in this repository")

  /// Appends the body. What came before it broke off stays, to be resumed.
  func receive(_ body: RequestBody, into file: UploadFile, algorithm: Digest.Algorithm? = nil) throws {
    var progress = take(file.path)
    if progress?.count != file.size { progress = nil }
    if file.size == 0, progress == nil || algorithm != nil { progress = try Progress(algorithm ?? .sha256) }
    defer { if let progress { put(progress, for: file.path) } }
    while let piece = try body.next() {
      try file.append(piece)
      progress?.hasher.update(piece)
      progress?.count += Int64(piece.count)
    }
  }

  /// The digest of all that came.
  func digest(of file: UploadFile, _ algorithm: Digest.Algorithm) throws -> Digest {
    if let progress = take(file.path), progress.count == file.size, progress.algorithm == algorithm {
      return try progress.hasher.digest()
    }
    let hasher = try DigestHasher(algorithm)
    try InputFile(file.path).forEachChunk(of: 256 << 10) { hasher.update($0) }
    return try hasher.digest()
  }

  func forget(_ path: String) { _ = take(path) }

  private func take(_ path: String) -> Progress? {
    lock.lock()
    defer { lock.unlock() }
    return hashes.removeValue(forKey: path)
  }

  private func put(_ progress: Progress, for path: String) {
    lock.lock()
    defer { lock.unlock() }
    // Uploads that nobody goes on with must not pile up; reading one again is all that it costs.
    if hashes.count >= 256, let any = hashes.keys.first { hashes.removeValue(forKey: any) }
    hashes[path] = progress
  }

  /// Removes uploads that nobody has written to for `seconds`.
  static func removeStale(in store: Store, olderThan seconds: Int64) throws {
    let limit = Int64(time(nil)) - seconds
    for name in try FileTree.names(ifPresent: store.uploads) {
      let path = "\(store.uploads)/\(name)"
      guard let status = try FileStatus.ifPresent(path), status.modified / 1_000_000_000 < limit else { continue }
      // Somebody may be writing: then it is not stale.
      if let file = try? UploadFile.locked(path, patience: 0) { try file.remove() }
    }
  }
}
