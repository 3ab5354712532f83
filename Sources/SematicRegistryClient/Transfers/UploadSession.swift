import SematicOCI
import SematicSystem

/// Where an upload goes on, and how.
struct UploadSession: Sendable {
  var address: WebAddress
  /// What the registry has of the blob, in bytes.
  var offset: Int64 = 0
  /// The smallest chunk that it takes, where it wants chunks.
  var minimumChunk: Int64?
  /// Begun by a mount that did not come about, perhaps long ago.
  var isOld = false

  /// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-a-blob-in-chunks
  init(_ response: HTTPResponse, at address: WebAddress) {
    self.address = address
    minimumChunk = response.headers["OCI-Chunk-Min-Length"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// How many bytes the registry has by its `Range: 0-<last>`; nothing where it does not say.
  static func received(_ range: String?) -> Int64 {
    guard let text = range?.split(whereSeparator: { $0 == "=" || $0 == " " }).last else { return 0 }
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
    // `0-0` is what many say of nothing at all.
    guard bounds.count == 2, bounds[0] == "0", let last = Int64(bounds[1]), last > 0, last < .max else { return 0 }
    return last + 1
  }
}

/// What one upload to a repository teaches the others.
final class UploadMemory: @unchecked Sendable {  // guarded by the lock
  private let lock = Lock()
  private var sessions: [Digest: UploadSession] = [:]
  private var chunk: Int64?

  /// An upload that a registry has begun instead of mounting.
  func keep(_ session: UploadSession, for digest: Digest) { lock.withLock { sessions[digest] = session } }

  func take(_ digest: Digest) -> UploadSession? { lock.withLock { sessions.removeValue(forKey: digest) } }

  /// The largest request that was not refused as too large; nil while none was.
  var largestChunk: Int64? {
    get { lock.withLock { chunk } }
    set { lock.withLock { chunk = newValue } }
  }
}
