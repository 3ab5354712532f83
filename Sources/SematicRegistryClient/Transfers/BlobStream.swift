import SematicImages
import SematicOCI
import SematicSystem

/// The upload of a blob that is still being made, and has no digest yet: a POST, and one PATCH whose body grows, as
/// docker's own client sends it. It may end a little before the blob does, so that the registry stores it meanwhile. The
/// PUT with the digest brings the end:
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-a-blob-in-chunks
extension Registry {
  package func stream(_ blob: GrowingBlob, progress: (Int64) throws -> Void) -> Bool {
    if uploads.isNew == nil { uploads.isNew = isNew { !blob.isGrowing } }
    guard uploads.isNew == true, uploads.mayStream, uploads.largestChunk == nil, blob.isGrowing else { return false }
    var session: UploadSession?
    do {
      try withoutActuallyEscaping(progress) { try send(blob, &session, $0) }
      return true
    } catch {
      // Nothing is wrong with the push: whatever it was, the ordinary upload tries again, and says what it cannot do.
      giveUp(session)
      return false
    }
  }

  /// Whether the repository has no tag yet, and so, surely enough, no blob of ours.
  ///
  /// In any other one most layers are there already, even if this machine (in CI) does not have them in its cache: their
  /// digests are worth waiting for. A registry that does not tell is taken for one that has some. It is asked when the
  /// first layer is built: a push of what was built before has one request less.
  private func isNew(isCancelled: @escaping () -> Bool) -> Bool {
    var call = RegistryCall("list the tags of", .get, path: "\(repository)/tags/list?n=1")
    call.scopes = pushScopes
    call.accepted = [200, 404]
    call.truncates = true
    call.isCancelled = isCancelled
    guard let response = try? connection.send(call), !response.isElsewhere else { return false }
    if response.status == 404 { return true }
    let tags = try? decodeJSON(JSONValue.self, from: response.body)["tags"]
    return tags == .null || tags?.array?.isEmpty == true
  }

  /// - Parameter session: the upload that was begun, for who has to cancel it.
  private func send(
    _ blob: GrowingBlob, _ session: inout UploadSession?, _ progress: @escaping (Int64) throws -> Void
  ) throws {
    let operation = "upload a layer to"
    var upload = try beginUpload(operation) { blob.isAbandoned }
    session = upload
    guard upload.minimumChunk == nil else { throw error(operation, .malformed("it wants chunks")) }
    var count: Int64 = 0
    var cut: UInt64?
    var call = RegistryCall(operation, .patch)
    call.address = upload.address
    call.headers = [("Content-Type", "application/octet-stream")]
    call.scopes = pushScopes
    call.accepted = [200, 201, 202, 204]
    call.body = .stream(size: nil) { room in
      do {
        let read = try blob.read(into: room)
        count += Int64(read)
        try progress(Int64(read))
        return read
      } catch {
        // The body ends as if it were whole: docker-registry cannot cancel an upload after a request that broke off.
        cut = MonotonicClock.nanoseconds
        return 0
      }
    }
    call.isCancelled = {
      if cut == nil, blob.isAbandoned { cut = MonotonicClock.nanoseconds }
      return cut.map { MonotonicClock.nanoseconds &- $0 > 2_000_000_000 } ?? false
    }
    let response = try connection.send(call)
    upload.address = try address(after: response, upload, operation)
    session = upload
    let received = UploadSession.received(response.headers["Range"])
    guard cut == nil, received == 0 || received == count else {
      throw error(operation, .malformed("it has not taken all bytes"))
    }
    let descriptor = try blob.whole()
    upload.offset = count
    upload.isOld = true
    upload.awaitsEnd = count < descriptor.size
    uploads.keep(upload, for: descriptor.digest)
  }

  /// Cancels the upload of a layer that was sent early, and sends no other one early.
  ///
  /// Not in OCI's specification, but in docker's:
  /// https://docs.docker.com/reference/api/registry/latest/operations/CancelBlobUpload
  func giveUp(_ session: UploadSession?) {
    options.log("\(name): a layer is not sent before it is whole")
    uploads.mayStream = false
    guard let session else { return }
    var call = RegistryCall("cancel an upload to", .delete)
    call.address = session.address
    call.scopes = pushScopes
    call.accepted = Set(200..<500)
    call.timeLimit = 2_000
    _ = try? connection.send(call)
  }
}
