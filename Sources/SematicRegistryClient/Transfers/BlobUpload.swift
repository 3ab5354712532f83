import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// The upload of one blob: a POST, then one PUT, or chunks where wanted.
///
/// After a broken connection, the registry is asked how much it has and gets the rest, or all again if it does not know.
final class BlobUpload {
  private let registry: Registry
  private let descriptor: Descriptor
  private let operation: String
  private let progress: (Int64) throws -> Void
  /// The bytes that progress was reported for: those of the try that got furthest.
  private var told: Int64 = 0
  private var sent: Int64 = 0
  /// The size of the last request's body.
  private var lastRequest: Int64 = 0
  private var session: UploadSession?
  /// Whether the registry must be asked how much it has.
  private var isInterrupted = false
  private var hasResumed = false
  private var mayResume = true
  /// Whether the last try was one PUT of the whole blob.
  private var wasWhole = false
  private var mayBeWhole = true
  private var mayChunk = true
  /// The address that the next request was redirected to.
  private var redirect: HTTPAddress?
  private var redirects = 0
  /// How often the session was busy since the last progress.
  private var conflicts = 0

  /// A size that proxies accept by default.
  private static let smallestChunk: Int64 = 1 << 20

  init(_ descriptor: Descriptor, to registry: Registry, _ progress: @escaping (Int64) throws -> Void) {
    self.registry = registry
    self.descriptor = descriptor
    self.progress = progress
    operation = "upload the blob \(descriptor.digest) to"
  }

  func run(_ content: BlobContent) throws {
    let content = try UploadContent(content, descriptor)
    var number = 1
    var best: Int64 = 0
    var renewedAt: Int64 = -1
    session = registry.uploads.take(descriptor.digest)
    if let begun = session, begun.awaitsEnd {
      session = nil
      if try sendEnd(of: content, begun) { return }
    }
    sent = session?.offset ?? 0
    while true {
      do {
        let session = try currentSession()
        try content.withReader(from: session.offset) { try send($0, session) }
        return
      } catch let renewed as RegistryConnection.Renewed {
        // Twice without a byte in between: it is not the age of the credentials.
        if renewedAt == told { throw renewed.error }
        renewedAt = told
        isInterrupted = session != nil
      } catch let redirected as Redirects.Redirected {
        redirects += 1
        guard redirects <= Redirects.limit else {
          throw registry.error(operation, .malformed("too many redirects"))
        }
        redirect = redirected.address
      } catch let failure as UploadContent.SourceFailure {
        throw failure.error
      } catch let error as RegistryError {
        redirect = nil
        if try isFree(after: error) { continue }
        if goesOn(after: error) { continue }
        // A large blob over a bad line may break often, as long as it advances.
        if sent - best >= 8 << 20 { number = 1 }
        best = max(best, sent)
        try registry.pause(after: error, try: number)
        number += 1
        if sent >= descriptor.size, hasArrived { return try finish() }
        isInterrupted = session != nil
      }
    }
  }

  /// Sends the end of a blob whose beginning was sent before the blob was whole.
  ///
  /// That was a head start and no more: whatever a registry says, it gets all as of any other blob.
  private func sendEnd(of content: UploadContent, _ begun: UploadSession) throws -> Bool {
    do {
      try content.withReader(from: begun.offset) { reader in
        try close(begun, stream(reader, begun.offset, descriptor.size - begun.offset))
      }
      return true
    } catch {
      registry.giveUp(begun)
      guard error is RegistryError || error is RegistryConnection.Renewed || error is Redirects.Redirected else {
        throw error
      }
      registry.options.log("\(registry.name) has not taken its end: \(error)")
      guard (error as? RegistryError)?.isTransient == true, hasArrived else { return false }
      try finish()
      return true
    }
  }

  /// Whether the registry has the blob: perhaps only its answer was lost.
  private var hasArrived: Bool { (try? registry.hasBlob(descriptor, tryingAgain: false)) == true }

  /// Waits for a session that is busy (409): a connection that broke still has it for a while.
  /// - Returns: whether to ask for its state again.
  private func isFree(after error: RegistryError) throws -> Bool {
    guard error.status == 409, let session, !session.isOld, conflicts + 1 < registry.options.retry.tries else {
      return false
    }
    conflicts += 1
    var busy = error
    busy.isTransient = true
    try registry.pause(after: busy, try: conflicts)
    isInterrupted = true
    return true
  }

  /// Whether there is another way to upload, without waiting.
  private func goesOn(after error: RegistryError) -> Bool {
    let status = error.status ?? 0
    if isTooLarge(error), mayChunk, let smaller = smallerChunk() {
      registry.uploads.largestChunk = smaller
      isInterrupted = session != nil
      return true
    }
    guard let session, (400..<500).contains(status), ![401, 403, 408, 413, 429].contains(status) else { return false }
    if session.isOld {
      // The registry may have forgotten it.
    } else if status == 409, mayResume {
      // It stays busy.
      mayResume = false
    } else if hasResumed {
      // A registry does not always have what it says; ECR has more:
      // https://github.com/aws/containers-roadmap/issues/2831
      mayResume = false
      hasResumed = false
    } else if wasWhole, mayBeWhole, status == 404 || status == 405 || status == 416 {
      // Artifactory accepted no PUT with a body: https://github.com/docker/buildx/issues/196
      mayBeWhole = false
    } else if !wasWhole, mayBeWhole, mayChunk {
      mayChunk = false
    } else {
      return false
    }
    self.session = nil
    return true
  }

  /// GHCR says 413 with status 416: https://github.com/wasmCloud/wash-archive/issues/268
  private func isTooLarge(_ error: RegistryError) -> Bool {
    error.status == 413
      || error.status == 416 && error.diagnostics.contains { $0.message.contains("too large") }
  }

  private func smallerChunk() -> Int64? {
    // Not what is allowed now: another upload may have learnt that meanwhile.
    let now = lastRequest
    let largest = registry.options.largestChunk
    let smaller = min(now > largest ? largest : now / 2, registry.uploads.largestChunk ?? .max)
    let limit = session?.minimumChunk ?? Self.smallestChunk
    guard now > limit else { return nil }
    return max(smaller, limit)
  }

  /// The size of a chunk; nil: all at once.
  private var chunk: Int64? {
    guard mayChunk,
      let largest = registry.uploads.largestChunk ?? session?.minimumChunk.map({ _ in registry.options.largestChunk })
    else { return nil }
    return max(largest, session?.minimumChunk ?? 0)
  }

  private func currentSession() throws -> UploadSession {
    if isInterrupted, let session {
      isInterrupted = false
      self.session = mayResume ? try resumed(session) : nil
    }
    if let session { return session }
    let session = try registry.beginUpload(operation)
    self.session = session
    return session
  }

  /// The session with the offset that the registry reports; nil where it has none.
  private func resumed(_ session: UploadSession) throws -> UploadSession? {
    var call = RegistryCall(operation, .get)
    call.address = session.address
    call.scopes = registry.pushScopes
    call.accepted = Set([200, 202, 204]).union(400..<500).subtracting([408, 409, 429])
    call.truncates = true
    do {
      let response = try registry.connection.send(call)
      guard response.status < 300 else { return nil }
      let offset = UploadSession.received(response.headers["Range"])
      guard offset > 0, offset <= descriptor.size else { return nil }
      var session = session
      session.address = try registry.address(after: response, session, operation)
      session.offset = offset
      hasResumed = true
      registry.options.log("\(registry.name) has \(offset) of \(descriptor.size) bytes: sending the rest")
      return session
    } catch {
      // It is not known yet whether it can be resumed.
      isInterrupted = true
      throw error
    }
  }

  private func send(_ reader: @escaping UploadContent.Reader, _ begun: UploadSession) throws {
    var session = begun
    wasWhole = session.offset == 0 && mayBeWhole && chunk.map { $0 >= descriptor.size } ?? true
    if wasWhole {
      return try close(session, stream(reader, 0, descriptor.size))
    }
    while session.offset < descriptor.size {
      let count = min(chunk ?? .max, descriptor.size - session.offset)
      var call = RegistryCall(operation, .patch)
      call.address = takeRedirect() ?? session.address
      call.headers = [("Content-Type", "application/octet-stream"), contentRange(session.offset, count)]
      call.scopes = registry.pushScopes
      call.accepted = [200, 201, 202, 204]
      call.body = stream(reader, session.offset, count)
      session.address = try registry.address(after: registry.connection.send(call), session, operation)
      session.offset += count
      session.isOld = false
      self.session = session
    }
    try close(session, nil)
  }

  private func close(_ session: UploadSession, _ body: ClientRequest.Body?) throws {
    var call = RegistryCall(operation, .put)
    call.address = takeRedirect() ?? session.address.appendingQuery("digest", descriptor.digest.description)
    call.headers = [("Content-Type", "application/octet-stream")]
    if session.awaitsEnd {
      call.headers.append(contentRange(session.offset, descriptor.size - session.offset))
      // The registry has just taken the beginning.
      call.isSentAtOnce = true
    }
    call.scopes = registry.pushScopes
    call.accepted = [201, 204]
    call.body = body
    try registry.checkStored(registry.connection.send(call), descriptor, operation)
    try finish()
  }

  /// Not in HTTP's own form, but in OCI's.
  private func contentRange(_ offset: Int64, _ count: Int64) -> (String, String) {
    ("Content-Range", "\(offset)-\(offset + count - 1)")
  }

  private func stream(_ read: @escaping UploadContent.Reader, _ offset: Int64, _ count: Int64) -> ClientRequest.Body {
    sent = offset
    lastRequest = count
    return .stream(size: count) { [self] room in
      let count = try read(room)
      try tell(count)
      return count
    }
  }

  private func tell(_ count: Int) throws {
    sent += Int64(count)
    // Bytes that are sent again are not counted again.
    guard sent > told else { return try progress(0) }
    let more = sent - told
    told = sent
    (conflicts, redirects) = (0, 0)
    try progress(more)
  }

  private func takeRedirect() -> HTTPAddress? {
    defer { redirect = nil }
    return redirect
  }

  private func finish() throws {
    guard told < descriptor.size else { return }
    let more = descriptor.size - told
    told = descriptor.size
    try progress(more)
  }
}
