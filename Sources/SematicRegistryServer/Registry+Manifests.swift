import SematicFiles
import SematicOCI
import SematicSystem

extension Registry {
  /// In bytes; the specification has registries take at least this much.
  static let manifestLimit = 4 << 20
  static let tagLimit = 100

  func manifest(_ name: RepositoryName, _ text: String, _ request: HTTPRequest) throws -> HTTPResponse {
    let repository = store.repository(name)
    let unknown = RegistryFault(404, .manifestUnknown, "this repository does not have the manifest")
    // A tag that fits no grammar cannot be there: it is unknown, as any other that is not.
    guard let digest = try resolve(text, in: repository), let type = try repository.mediaType(ofManifest: digest) else {
      throw repository.exists ? unknown : RegistryFault(404, .nameUnknown, "there is no such repository")
    }
    return try content(digest, type: type.rawValue, request) ?? { throw unknown }()
  }

  private func resolve(_ text: String, in repository: Repository) throws -> Digest? {
    if text.contains(":") { return try Self.digest(text) }
    return try TagName(text).flatMap { try repository.digest(of: $0) }
  }

  func putManifest(
    _ name: RepositoryName, _ text: String, _ request: HTTPRequest, _ body: RequestBody
  ) throws -> HTTPResponse {
    // https://github.com/opencontainers/distribution-spec/pull/600
    var names = request.target.all("tag")
    guard names.count <= Self.tagLimit else {
      throw RegistryFault(414, .unsupported, "more than \(Self.tagLimit) tags in one request")
    }
    let wanted = text.contains(":") ? try Self.digest(text) : nil
    if wanted == nil { names.insert(text, at: 0) }
    let tags = try names.map { name in
      guard let tag = TagName(name) else {
        throw RegistryFault(
          400, .manifestInvalid, "a tag has at most 128 letters, digits, and . _ - (not as the first)")
      }
      return tag
    }
    guard let bytes = try body.bytes(limit: Self.manifestLimit) else {
      throw RegistryFault(413, .sizeInvalid, "a manifest has at most \(Self.manifestLimit) bytes")
    }
    let digest = try Digest.of(bytes, wanted?.algorithm ?? .sha256)
    guard wanted == nil || wanted == digest else {
      throw RegistryFault(400, .digestInvalid, "the digest of the manifest is \(digest)", digests: [digest])
    }
    let manifest = try ReceivedManifest(Data(bytes), digest: digest, contentType: request.headers["content-type"])
    let repository = store.repository(name)
    try store.locked(.using) {
      try manifest.checkReferences(in: repository)
      try store.write(bytes, as: digest)
      if let subject = manifest.subject { try repository.addReferrer(manifest.descriptor, to: subject) }
      try repository.addManifest(digest, manifest.mediaType)
      for tag in tags { try repository.set(tag, to: digest) }
    }
    var headers = [("Location", "/v2/\(name.text)/manifests/\(digest)"), ("Docker-Content-Digest", digest.description)]
    if let subject = manifest.subject { headers.append(("OCI-Subject", subject.description)) }
    headers += request.target.all("tag").map { ("OCI-Tag", $0) }
    return HTTPResponse(201, headers)
  }

  /// By digest: the manifest and the tags that name it. By tag: the tag alone.
  func deleteManifest(_ name: RepositoryName, _ text: String) throws -> HTTPResponse {
    let repository = store.repository(name)
    guard let digest = try resolve(text, in: repository), try repository.mediaType(ofManifest: digest) != nil else {
      throw repository.exists
        ? RegistryFault(404, .manifestUnknown, "this repository does not have the manifest")
        : RegistryFault(404, .nameUnknown, "there is no such repository")
    }
    if let tag = TagName(text) {
      try repository.remove(tag)
      return HTTPResponse(202)
    }
    let subject = try store.read(digest).flatMap { ReceivedManifest.subject(of: Data($0)) }
    try repository.removeManifest(digest)
    if let subject { try repository.removeReferrer(digest, of: subject) }
    return HTTPResponse(202)
  }
}
