import SematicImages
import SematicOCI
import SematicSystem

extension Registry: ImageDestination {
  /// The bytes up to which sending a blob costs no more than asking for it.
  private static let smallBlob: Int64 = 64 << 10

  package func hasBlob(_ descriptor: Descriptor) throws -> Bool {
    // A push that broke off has left some in a new repository. Asking for them takes as long as sending them again.
    guard uploads.isNew != true || descriptor.size > Self.smallBlob else { return false }
    return try hasBlob(descriptor, tryingAgain: true)
  }

  func hasBlob(_ descriptor: Descriptor, tryingAgain: Bool) throws -> Bool {
    var call = RegistryCall(
      "check for the blob \(descriptor.digest) in", .head, path: "\(repository)/blobs/\(descriptor.digest)")
    call.scopes = pushScopes
    call.accepted = [200, 400, 403, 404, 405]
    let response = tryingAgain ? try send(call) : try connection.send(call)
    switch response.status {
    case 200:
      // A blob of another size under this digest is damaged: it is sent again.
      return response.headers.contentLength.map { $0 == descriptor.size } ?? true
    case 404: return false
    case 403 where !response.isElsewhere: throw connection.failure(call, response)
    // Some refuse HEAD (400, 405); and addresses that were signed for GET refuse it (403).
    default: return try hasBlobByReading(descriptor, call)
    }
  }

  private func hasBlobByReading(_ descriptor: Descriptor, _ refused: RegistryCall) throws -> Bool {
    struct Enough: Error {}
    var call = refused
    call.method = .get
    call.headers = [("Range", "bytes=0-0")]
    call.accepted = [200, 206, 404, 416]
    // A server without ranges would send the whole blob.
    call.sink = { _, _ in throw Enough() }
    do {
      return try send(call).status != 404
    } catch is Enough {
      return true
    }
  }

  package func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool {
    let sources: [Registry] =
      switch source.origin {
      case let source as Registry: source.host == host ? [source] : []
      case let source as MirroredSource: source.repositories(at: host)
      default: []
      }
    return try sources.contains { try mountBlob(descriptor, from: $0) }
  }

  private func mountBlob(_ descriptor: Descriptor, from source: Registry) throws -> Bool {
    let operation = "mount the blob \(descriptor.digest) in"
    var call = RegistryCall(operation, .post, path: "\(repository)/blobs/uploads/")
    call.path += "?mount=\(descriptor.digest)&from=\(HTTPAddress.encoded(source.repository))"
    // A mount needs pull access to the source and push access to the target.
    call.scopes = TokenScopes([.push(repository), .pull(source.repository)])
    call.accepted = Set([201, 202]).union(300..<500).subtracting([408, 429])
    let response: ClientResponse
    do {
      response = try send(call)
    } catch let error as RegistryError {
      options.log("\(error); uploading it instead")
      return false
    }
    if response.status == 202, let location = try? connection.location(of: response, operation: operation) {
      var session = UploadSession(response, at: location)
      session.isOld = true
      uploads.keep(session, for: descriptor.digest)
    }
    // After any other answer to a mount, an upload will work, or will say what is wrong.
    return response.status == 201
  }

  package func writeBlob(
    _ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void
  ) throws {
    try withoutActuallyEscaping(progress) { progress in
      try BlobUpload(descriptor, to: self, progress).run(content)
    }
  }

  package func hasManifest(_ descriptor: Descriptor, tags: [String]) throws -> Bool {
    let digest = descriptor.digest.description
    return try (tags.isEmpty ? [digest] : tags).allSatisfy { name in
      guard name == digest || ImageReference.isTag(name) else { return false }
      var call = RegistryCall("check for the manifest \(name) in", .head, path: "\(repository)/manifests/\(name)")
      call.headers = [Self.acceptingManifests]
      call.scopes = pushScopes
      call.accepted = Set([200]).union(400..<500).subtracting([401, 408, 429])
      let response = try send(call)
      return response.status == 200 && response.headers["Docker-Content-Digest"] == digest
    }
  }

  package func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {
    for name in tags.isEmpty ? [descriptor.digest.description] : tags { _ = try put(bytes, descriptor, as: name) }
  }

  /// Writes a manifest under a tag, or under its own digest.
  func put(_ bytes: Data, _ descriptor: Descriptor, as name: String) throws -> ClientResponse {
    let operation = "write the manifest \(name) to"
    guard name == descriptor.digest.description || ImageReference.isTag(name) else {
      throw error(operation, .malformedRequest("'\(name)' is not a valid tag"))
    }
    var call = RegistryCall(operation, .put, path: "\(repository)/manifests/\(name)")
    call.headers = [("Content-Type", descriptor.mediaType.rawValue)]
    call.body = .bytes(bytes)
    call.scopes = pushScopes
    call.accepted = [200, 201, 202]
    let response = try send(call)
    try checkStored(response, descriptor, operation)
    // Where another host has answered, the registry itself must have the manifest.
    guard response.isElsewhere else { return response }
    let identifier: ManifestIdentifier =
      name == descriptor.digest.description ? .digest(descriptor.digest) : .tag(name)
    guard try manifest(identifier).descriptor.digest == descriptor.digest else {
      throw error(operation, .corrupt("\(response.address.authority) accepted it, but the registry has another one"))
    }
    return response
  }

  /// Checks that the registry names no other digest for what it stored.
  func checkStored(_ response: ClientResponse, _ descriptor: Descriptor, _ operation: String) throws {
    guard let stored = response.headers["Docker-Content-Digest"].flatMap({ try? Digest($0) }),
      stored.algorithm == descriptor.digest.algorithm, stored != descriptor.digest
    else { return }
    throw error(operation, .corrupt("the registry stored \(stored), not \(descriptor.digest)"))
  }
}
