import SematicOCI
import SematicSystem

/// The download of one blob: checked, and continued where the connection broke.
final class BlobDownload {
  private let registry: Registry
  private let descriptor: Descriptor
  private let operation: String
  private let isCancelled: (() -> Bool)?
  private let body: (UnsafeRawBufferPointer) throws -> Void
  private let trail: BlobTrail
  private var encodingNote = ""
  private var position: Int64 { trail.position }

  init(
    _ trail: BlobTrail, from registry: Registry, isCancelled: (() -> Bool)?,
    _ body: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.registry = registry
    self.trail = trail
    descriptor = trail.descriptor
    self.isCancelled = isCancelled
    self.body = body
    operation = "read the blob \(descriptor.digest) of"
  }

  func run() throws {
    var number = 1
    var best = position
    while true {
      do {
        try receive()
        break
      } catch let error as RegistryError {
        // A large blob over a bad line may break often, as long as it advances.
        if position - best >= 8 << 20 { number = 1 }
        best = position
        try registry.pause(after: error, try: number, isCancelled: isCancelled)
        number += 1
      }
    }
    let digest = try trail.digest()
    guard digest == descriptor.digest else {
      throw registry.error(operation, .corrupt("the content has the digest \(digest)\(encodingNote)"))
    }
  }

  private func receive() throws {
    guard position < descriptor.size || position == 0 else { return }
    var call = RegistryCall(operation, .get, path: "\(registry.repository)/blobs/\(descriptor.digest)")
    call.scopes = registry.pullScopes
    call.isCancelled = isCancelled
    call.accepted = [200, 206]
    if position > 0 { call.headers = [("Range", "bytes=\(position)-")] }
    // The bytes at the beginning that came before.
    var known: Int64?
    call.sink = { [self] head, bytes in
      if known == nil {
        encodingNote = head.headers.encodingNote
        known = try self.overlap(head)
      }
      let skipped = min(known ?? 0, Int64(bytes.count))
      known = (known ?? 0) - skipped
      try take(UnsafeRawBufferPointer(rebasing: bytes[Int(skipped)...]))
    }
    let response = try registry.connection.send(call)
    guard position == descriptor.size else {
      // Not every server says how much it will send; then the end may be a broken connection.
      var error = registry.error(
        operation, .corrupt("the content has \(position) bytes, not \(descriptor.size)\(encodingNote)"))
      error.isTransient = position < descriptor.size && response.headers.contentLength == nil
      throw error
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    guard Int64(bytes.count) <= descriptor.size - position else {
      throw registry.error(
        operation, .corrupt("the content has more than \(descriptor.size) bytes\(encodingNote)"))
    }
    try trail.take(bytes)
    try body(bytes)
  }

  /// The number of bytes at the beginning of an answer that came before.
  private func overlap(_ head: ResponseHead) throws -> Int64 {
    guard head.status == 206 else { return position }
    // `bytes 100-199/200`: https://www.rfc-editor.org/rfc/rfc9110#name-content-range
    let range = head.headers["Content-Range"]?.split(separator: " ").last?.split(separator: "-").first
    guard let start = range.flatMap({ Int64($0) }), start >= 0, start <= position else {
      throw registry.error(operation, .malformed("a part of the blob that was not requested"))
    }
    return position - start
  }
}
