import SematicFiles
import SematicOCI
import SematicSystem

/// The uploads under way: who writes to each, and how far each is hashed.
///
/// All that must last is in the files: an upload outlives the server. The hashes here save reading the bytes again.
final class Uploads: @unchecked Sendable {  // `states` is guarded by `lock`
  private struct State {
    var claim: UInt64 = 0
    /// The hash of the first `count` bytes.
    var hash: (hasher: DigestHasher, algorithm: Digest.Algorithm, count: Int64)?
  }

  private let store: Store
  private let lock = Lock()
  private var states: [String: State] = [:]
  private var claims: UInt64 = 0

  init(_ store: Store) { self.store = store }

  /// - Returns: the path of a new upload, and its ID.
  func begin(in name: RepositoryName, algorithm: Digest.Algorithm?) throws -> (path: String, id: String) {
    let id = UUID().uuidString.lowercased()
    let path = try self.path(of: id, in: name)
    _ = try store.folder.open(path, O_WRONLY | O_CREAT | O_EXCL, creating: true)
    if let algorithm { try change(path) { $0.hash = (try DigestHasher(algorithm), algorithm, 0) } }
    return (path, id)
  }

  /// The path of an upload, which belongs to one repository.
  /// - Throws: `RegistryFault` for an invalid ID.
  func path(of id: String, in name: RepositoryName) throws -> String {
    guard id.utf8.count == 36, UUID(uuidString: id) != nil, id == id.lowercased() else { throw Self.unknown }
    return "uploads/\(try Digest.of(name.text.utf8).hex.prefix(32))-\(id)"
  }

  static let unknown = RegistryFault(.notFound, .blobUploadUnknown, "there is no such upload in this repository")

  /// Makes a request the only writer of an upload: the newest request has it, since its client would not have sent it if
  /// an older one could still succeed.
  func claim(_ file: UploadFile, removing: Bool = false) -> UploadClaim {
    let number = lock.withLock {
      claims += 1
      return claims
    }
    change(file.path) { $0.claim = number }
    return UploadClaim(number: number, path: file.path, start: file.size, uploads: removing ? self : nil)
  }

  /// Appends what has come of the body. When it breaks off, the upload can be resumed.
  /// - Throws: `RegistryFault` when another request has claimed the upload; `Pause`.
  func receive(_ body: RequestBody, into file: UploadFile, algorithm: Digest.Algorithm? = nil) throws {
    guard let claim = body.upload else { return }
    var state = take(file.path) ?? State(claim: claim.number)
    defer { change(file.path) { $0.hash = state.hash } }
    guard state.claim == claim.number, file.size == claim.start + body.received else {
      throw RegistryFault(.conflict, .blobUploadInvalid, "another request continues this upload")
    }
    if state.hash?.count != file.size { state.hash = nil }
    if file.size == 0, state.hash == nil || algorithm.map({ $0 != state.hash?.algorithm }) ?? false {
      let algorithm = algorithm ?? .sha256
      state.hash = (try DigestHasher(algorithm), algorithm, 0)
    }
    while let piece = try body.next() {
      try file.append(piece)
      state.hash?.hasher.update(piece)
      state.hash?.count += Int64(piece.count)
    }
  }

  /// The digest of everything that was received.
  func digest(of file: UploadFile, _ algorithm: Digest.Algorithm) throws -> Digest {
    if let hash = lock.withLock({ states[file.path]?.hash }), hash.count == file.size, hash.algorithm == algorithm {
      return try hash.hasher.digest()
    }
    let hasher = try DigestHasher(algorithm)
    let content = try store.folder.open(file.path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while case let count = try content.read(at: offset, into: buffer), count > 0 {
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += Int64(count)
    }
    return try hasher.digest()
  }

  func forget(_ path: String) { lock.withLock { states[path] = nil } }

  fileprivate func remove(_ path: String) {
    forget(path)
    try? store.folder.remove(path)
  }

  /// Nobody else updates the hash meanwhile.
  private func take(_ path: String) -> State? {
    lock.withLock {
      defer { states[path]?.hash = nil }
      return states[path]
    }
  }

  private func change(_ path: String, _ body: (inout State) throws -> Void) rethrows {
    lock.lock()
    defer { lock.unlock() }
    // Abandoned uploads must not pile up; forgetting one costs no more than reading it again.
    if states.count >= 256, states[path] == nil, let any = states.keys.first { states[any] = nil }
    try body(&states[path, default: State()])
  }

  /// Removes uploads that nobody has written to for `seconds`.
  static func removeStale(in store: Store, olderThan seconds: Int64) throws {
    let limit = Int64(time(nil)) - seconds
    for name in try store.folder.names("uploads") {
      let path = "uploads/\(name)"
      guard let status = try store.folder.status(path), status.modified < limit else { continue }
      // One that is locked is being written to.
      if let file = try? UploadFile(path, in: store.folder) { try file.remove() }
    }
  }
}

/// A request's right to write to an upload, until another request claims it.
final class UploadClaim {
  let number: UInt64
  let path: String
  /// The upload's size before the request's body.
  let start: Int64
  /// Of an upload that ends with its request.
  private let uploads: Uploads?

  fileprivate init(number: UInt64, path: String, start: Int64, uploads: Uploads?) {
    self.number = number
    self.path = path
    self.start = start
    self.uploads = uploads
  }

  deinit { uploads?.remove(path) }
}
