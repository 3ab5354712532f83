import SematicOCI
import SematicSystem

extension RegistryService {
  /// Mounts a blob, takes a whole blob in one request, or begins an upload session.
  func beginUpload(_ name: RepositoryName, _ request: ServerRequest, _ body: RequestBody) throws -> ServerResponse {
    if let mount = request.target["mount"] {
      // Whatever the reason that it cannot be mounted: the client then uploads it.
      if let digest = try? Digest(mount), try self.mount(digest, from: request.target["from"], to: name) {
        return created(name, digest)
      }
      return try accepted(name, uploads.begin(in: name, algorithm: nil).id, size: 0)
    }
    if let text = request.target["digest"] {
      let digest = try Self.digest(text)
      let path = try body.upload?.path ?? uploads.begin(in: name, algorithm: digest.algorithm).path
      guard let file = try UploadFile(path, in: store.folder) else { throw Uploads.unknown }
      // The client has no session that it could resume.
      if body.upload == nil { body.upload = uploads.claim(file, removing: true) }
      try uploads.receive(body, into: file, algorithm: digest.algorithm)
      return try finish(file, digest, name)
    }
    let wanted = request.target["digest-algorithm"]
    let algorithm = wanted.flatMap { Digest.Algorithm(rawValue: $0) }
    guard wanted == nil || algorithm != nil else {
      throw RegistryFault(.badRequest, .digestInvalid, "the supported digest algorithms are sha256 and sha512")
    }
    return try accepted(name, uploads.begin(in: name, algorithm: algorithm).id, size: 0)
  }

  /// - Returns: whether the repository has the blob now.
  private func mount(_ digest: Digest, from source: String?, to name: RepositoryName) throws -> Bool {
    try store.locked(.serving) {
      let sources: [RepositoryName]
      if let source {
        guard let source = try? RepositoryName(source) else { return false }
        sources = [source]
      } else {
        // Everyone who may read one repository here may read all of them.
        sources = try store.size(ofBlob: digest) == nil ? [] : try store.repositories()
      }
      guard try sources.contains(where: { try store.repository($0).size(ofBlob: digest) != nil }) else { return false }
      try store.repository(name).addBlob(digest)
      return true
    }
  }

  func upload(
    _ name: RepositoryName, _ id: String, _ request: ServerRequest, _ body: RequestBody
  ) throws -> ServerResponse {
    let path = try uploads.path(of: id, in: name)
    if request.method == "GET" || request.method == "HEAD" {
      // Without waiting for a writer: what is in the file now can be relied on.
      guard let size = try store.folder.status(path)?.size else { throw Uploads.unknown }
      return ServerResponse(.noContent, place(name, id) + received(size))
    }
    guard let file = try UploadFile(path, in: store.folder) else { throw Uploads.unknown }
    switch request.method {
    case "PATCH":
      try claim(file, request, body, name, id)
      try uploads.receive(body, into: file)
      return accepted(name, id, size: file.size)
    case "PUT":
      guard let text = request.target["digest"] else {
        throw RegistryFault(.badRequest, .digestInvalid, "the digest parameter is missing")
      }
      let digest = try Self.digest(text)
      try claim(file, request, body, name, id)
      try uploads.receive(body, into: file, algorithm: digest.algorithm)
      return try finish(file, digest, name)
    default:
      uploads.forget(path)
      try file.remove()
      return ServerResponse(.noContent)
    }
  }

  /// Makes the request the upload's writer, if its chunk begins where the last one ended.
  private func claim(
    _ file: UploadFile, _ request: ServerRequest, _ body: RequestBody, _ name: RepositoryName, _ id: String
  ) throws {
    guard body.upload == nil else { return }
    try checkOrder(request, body, file, name, id)
    body.upload = uploads.claim(file)
  }

  private func checkOrder(
    _ request: ServerRequest, _ body: RequestBody, _ file: UploadFile, _ name: RepositoryName, _ id: String
  ) throws {
    guard let text = request.headers["content-range"] else { return }
    func refused(_ message: String) -> RegistryFault {
      RegistryFault(.rangeNotSatisfiable, .blobUploadInvalid, message, headers: place(name, id) + received(file.size))
    }
    // The specification's form is `0-99`; some clients send HTTP's own, `bytes 0-99/*`.
    var range = Substring(text)
    if range.hasPrefix("bytes ") || range.hasPrefix("bytes=") { range = range.dropFirst(6) }
    if let slash = range.firstIndex(of: "/") { range = range[..<slash] }
    let bounds = range.split(separator: "-", omittingEmptySubsequences: false).map { ServerRequest.decimal($0) }
    guard bounds.count == 2, let first = bounds[0], let last = bounds[1], last < Int64.max, first <= last else {
      throw refused("Content-Range is not 'first-last'")
    }
    guard first == file.size else {
      throw refused("the chunk begins at \(first), but \(file.size) bytes were received")
    }
    guard body.length == nil || body.length == last - first + 1 else {
      throw RegistryFault(.badRequest, .sizeInvalid, "Content-Range and Content-Length do not agree")
    }
  }

  private func finish(_ file: UploadFile, _ digest: Digest, _ name: RepositoryName) throws -> ServerResponse {
    let found = try uploads.digest(of: file, digest.algorithm)
    guard found == digest else {
      uploads.forget(file.path)
      try file.remove()
      throw RegistryFault(
        .badRequest, .digestInvalid, "the uploaded content has the digest \(found)", digests: [digest])
    }
    try store.locked(.serving) {
      try file.become(digest, in: store)
      try store.repository(name).addBlob(digest)
    }
    uploads.forget(file.path)
    return created(name, digest)
  }

  private func created(_ name: RepositoryName, _ digest: Digest) -> ServerResponse {
    ServerResponse(
      .created, [("Location", "/v2/\(name.text)/blobs/\(digest)"), ("Docker-Content-Digest", digest.description)])
  }

  private func accepted(_ name: RepositoryName, _ id: String, size: Int64) -> ServerResponse {
    // Clients made for docker-registry read the range of an empty upload as it writes it.
    ServerResponse(.accepted, place(name, id) + (size == 0 ? [("Range", "0-0")] : received(size)))
  }

  private func place(_ name: RepositoryName, _ id: String) -> [(name: String, value: String)] {
    [("Location", "/v2/\(name.text)/blobs/uploads/\(id)"), ("Docker-Upload-UUID", id)]
  }

  /// `0--1` for nothing: `0-0` is one byte, which a client that resumes would leave out.
  private func received(_ size: Int64) -> [(name: String, value: String)] { [("Range", "0-\(size - 1)")] }
}
