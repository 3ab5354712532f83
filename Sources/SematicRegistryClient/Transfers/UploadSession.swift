import SematicOCI
import SematicSystem

/// The state of an upload that a registry has begun.
struct UploadSession: Sendable {
  var address: HTTPAddress
  /// The number of bytes that the registry has.
  var offset: Int64 = 0
  /// The smallest chunk that the registry accepts, where it wants chunks.
  var minimumChunk: Int64?
  /// Whether it was begun before it was wanted: by a failed mount perhaps long ago, or for a blob that was not whole yet.
  var isOld = false
  /// Whether it has the beginning of a blob that was sent before the blob was whole, and gets the end now.
  var awaitsEnd = false

  /// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-a-blob-in-chunks
  init(_ response: ClientResponse, at address: HTTPAddress) {
    self.address = address
    minimumChunk = response.headers["OCI-Chunk-Min-Length"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The number of bytes that `Range: 0-<last>` names; 0 where it does not.
  static func received(_ range: String?) -> Int64 {
    guard let text = range?.split(whereSeparator: { $0 == "=" || $0 == " " }).last else { return 0 }
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
    // Many registries say `0-0` when they have nothing.
    guard bounds.count == 2, bounds[0] == "0", let last = Int64(bounds[1]), last > 0, last < .max else { return 0 }
    return last + 1
  }
}

extension Registry {
  /// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#post-then-put
  func beginUpload(_ operation: String, isCancelled: (() -> Bool)? = nil) throws -> UploadSession {
    var call = RegistryCall(operation, .post, path: "\(repository)/blobs/uploads/")
    call.scopes = pushScopes
    call.accepted = [202]
    call.isCancelled = isCancelled
    let response = try connection.send(call)
    return UploadSession(response, at: try connection.location(of: response, operation: operation))
  }

  /// The address of a session after an answer about it.
  func address(after response: ClientResponse, _ session: UploadSession, _ operation: String) throws -> HTTPAddress {
    guard response.headers["Location"] != nil else { return session.address }
    return try connection.location(of: response, operation: operation)
  }
}

/// What uploads to a repository learn from each other.
final class UploadMemory: @unchecked Sendable {  // guarded by the lock
  private let lock = Lock()
  private var sessions: [Digest: UploadSession] = [:]
  private var chunk: Int64?
  private var new: Bool?
  private var streams = true

  /// Whether the repository had no tag when the push began; nil while it was not asked.
  var isNew: Bool? {
    get { lock.withLock { new } }
    set { lock.withLock { new = newValue } }
  }

  /// Whether blobs may be sent before they are whole.
  var mayStream: Bool {
    get { lock.withLock { streams } }
    set { lock.withLock { streams = newValue } }
  }

  /// Keeps an upload that a registry has begun for a blob.
  func keep(_ session: UploadSession, for digest: Digest) { lock.withLock { sessions[digest] = session } }

  func take(_ digest: Digest) -> UploadSession? { lock.withLock { sessions.removeValue(forKey: digest) } }

  /// The largest size of a request; nil while none was refused as too large.
  var largestChunk: Int64? {
    get { lock.withLock { chunk } }
    set { lock.withLock { chunk = newValue } }
  }
}
