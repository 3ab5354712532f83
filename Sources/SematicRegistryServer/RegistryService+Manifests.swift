import SematicFiles
import SematicOCI
import SematicSystem

extension RegistryService {
  /// The largest manifest in bytes: the specification's minimum for registries.
  static let manifestLimit = 4 << 20
  static let tagLimit = 100

  func manifest(_ name: RepositoryName, _ text: String, _ request: ServerRequest) throws -> ServerResponse {
    let repository = store.repository(name)
    let unknown = RegistryFault(.notFound, .manifestUnknown, "the manifest is not in this repository")
    // An invalid tag is unknown, like any other tag that is not there.
    guard let digest = try resolve(text, in: repository), let type = try repository.mediaType(ofManifest: digest) else {
      throw try repository.exists ? unknown : RegistryFault(.notFound, .nameUnknown, "the repository does not exist")
    }
    // A folder that cannot be written to is served all the same.
    try? repository.renew(manifest: digest)
    return try content(digest, type: type.rawValue, request) ?? { throw unknown }()
  }

  private func resolve(_ text: String, in repository: Repository) throws -> Digest? {
    if text.contains(":") { return try Self.digest(text) }
    return try TagName(text).flatMap { try repository.digest(of: $0) }
  }

  func putManifest(
    _ name: RepositoryName, _ text: String, _ request: ServerRequest, _ body: RequestBody
  ) throws -> ServerResponse {
    // https://github.com/opencontainers/distribution-spec/pull/600
    var names = request.target.all("tag")
    guard names.count <= Self.tagLimit else {
      throw RegistryFault(.uriTooLong, .unsupported, "more than \(Self.tagLimit) tags in one request")
    }
    let wanted = text.contains(":") ? try Self.digest(text) : nil
    if wanted == nil { names.insert(text, at: 0) }
    let tags = try names.map(Self.tag)
    guard let bytes = try body.bytes(limit: Self.manifestLimit) else {
      throw RegistryFault(.contentTooLarge, .sizeInvalid, "a manifest has at most \(Self.manifestLimit) bytes")
    }
    let repository = store.repository(name)
    // Locked first: everything before it is done again after a garbage collection.
    let (digest, subject) = try store.locked(.serving) {
      let digest = try Digest.of(bytes, wanted?.algorithm ?? .sha256)
      guard wanted == nil || wanted == digest else {
        throw RegistryFault(.badRequest, .digestInvalid, "the manifest's digest is \(digest)", digests: [digest])
      }
      let manifest = try ReceivedManifest(Data(bytes), digest: digest, contentType: request.headers["content-type"])
      try repository.put(manifest, bytes, tags: tags)
      return (digest, manifest.subject)
    }
    var headers = [("Location", "/v2/\(name.text)/manifests/\(digest)"), ("Docker-Content-Digest", digest.description)]
    if let subject { headers.append(("OCI-Subject", subject.description)) }
    headers += request.target.all("tag").map { ("OCI-Tag", $0) }
    return ServerResponse(.created, headers)
  }

  static func tag(_ name: String) throws -> TagName {
    guard let tag = TagName(name) else {
      throw RegistryFault(
        .badRequest, .manifestInvalid, "a tag is at most 128 letters, digits and . _ - and begins with none of . -")
    }
    return tag
  }

  /// Deletes a tag, or, by digest, a manifest with all its tags.
  func deleteManifest(_ name: RepositoryName, _ text: String) throws -> ServerResponse {
    let repository = store.repository(name)
    guard let digest = try resolve(text, in: repository), try repository.mediaType(ofManifest: digest) != nil else {
      throw try repository.exists
        ? RegistryFault(.notFound, .manifestUnknown, "the manifest is not in this repository")
        : RegistryFault(.notFound, .nameUnknown, "the repository does not exist")
    }
    if let tag = TagName(text) {
      try repository.remove(tag)
      return ServerResponse(.accepted)
    }
    let subject = try store.read(digest).flatMap { ReceivedManifest.subject(of: Data($0)) }
    try repository.removeManifest(digest)
    if let subject { try repository.removeReferrer(digest, of: subject) }
    return ServerResponse(.accepted)
  }
}
