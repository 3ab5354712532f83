import SematicImages
import SematicOCI
import SematicSystem

extension Registry: CancellableSource {
  /// The header that accepts every kind of manifest.
  static let acceptingManifests = (
    "Accept",
    [MediaType.index, .manifest, .dockerIndex, .dockerManifest].map(\.rawValue).joined(separator: ", ")
  )

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    let operation = "read the manifest \(identifier) of"
    if case .tag(let tag) = identifier, !ImageReference.isTag(tag) {
      throw error(operation, .malformedRequest("'\(tag)' is not a valid tag"))
    }
    var call = RegistryCall(operation, .get, path: "\(repository)/manifests/\(identifier)")
    call.headers = [Self.acceptingManifests]
    call.scopes = pullScopes
    call.limit = Int(ManifestDocument.sizeLimit)
    let response = try send(call)
    let type = response.headers["Content-Type"]?.split(separator: ";").first
      .map { MediaType(rawValue: $0.trimmed.lowercased()) }
    if case .digest(let digest) = identifier { try check(response, digest, operation) }
    if let served = response.headers["Docker-Content-Digest"].flatMap({ try? Digest($0) }) {
      try check(response, served, operation)
    }
    do {
      return try ManifestDocument(bytes: response.body, mediaType: type)
    } catch let malformed as MalformedValue {
      throw error(
        operation,
        .malformed(
          connection.redacting(Diagnostic.trimmed(malformed.description)) + response.headers.encodingNote))
    }
  }

  private func check(_ response: ClientResponse, _ digest: Digest, _ operation: String) throws {
    let actual = try Digest.of(response.body, digest.algorithm)
    guard actual == digest else {
      throw error(
        operation, .corrupt("the content has the digest \(actual), not \(digest)\(response.headers.encodingNote)"))
    }
  }

  package func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try readBlob(BlobTrail(descriptor), isCancelled: nil, body)
  }

  func readBlob(
    _ trail: BlobTrail, isCancelled: (() -> Bool)?, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try withoutActuallyEscaping(body) { body in
      try BlobDownload(trail, from: self, isCancelled: isCancelled, body).run()
    }
  }
}
