import SematicOCI
import SematicSystem

/// A manifest or an index that somebody puts into the registry, checked as far as it can be alone.
struct ReceivedManifest {
  let mediaType: MediaType
  let subject: Digest?
  /// As the referrers API tells of it.
  let descriptor: Descriptor
  private let content: ManifestDocument.Content

  private struct Shape: Decodable {
    struct Subject: Decodable { var digest: Digest }

    var schemaVersion: Int?
    var mediaType: MediaType?
    var artifactType: String?
    var subject: Subject?
    var annotations: [String: String]?
  }

  /// - Throws: `RegistryFault`.
  init(_ bytes: Data, digest: Digest, contentType: String?) throws {
    func invalid(_ message: String) -> RegistryFault { RegistryFault(400, .manifestInvalid, message) }
    let served = contentType?.split(separator: ";").first.map { MediaType(rawValue: HTTPHeaders.trimmed(String($0))) }
    if let served, !served.isManifest, !served.isIndex {
      throw invalid("the media types of manifests are those of OCI's and Docker's (schema 2) manifests and indexes")
    }
    let document: ManifestDocument
    do {
      document = try ManifestDocument(bytes: bytes, mediaType: served)
    } catch let error as MalformedValue {
      throw invalid("the manifest is not \(error.expected)")
    }
    guard let shape = try? JSONDecoder().decode(Shape.self, from: bytes) else {
      throw invalid("the manifest's schemaVersion, artifactType, subject or annotations have another form")
    }
    guard shape.schemaVersion == 2 else { throw invalid("the manifest's schemaVersion is not 2") }
    guard served == nil || shape.mediaType == nil || served == shape.mediaType else {
      throw invalid("the manifest's mediaType is not its Content-Type")
    }
    content = document.content
    mediaType = served ?? document.descriptor.mediaType
    subject = shape.subject?.digest
    var descriptor = Descriptor(
      mediaType: mediaType, digest: digest, size: Int64(bytes.count), annotations: shape.annotations)
    descriptor.artifactType = shape.artifactType
    if case .manifest(let manifest) = content, descriptor.artifactType?.isEmpty ?? true {
      descriptor.artifactType = manifest.config.mediaType.rawValue
    }
    self.descriptor = descriptor
  }

  /// What the content, once it is stored, says that it is about; nil too where it cannot be read.
  static func subject(of bytes: Data) -> Digest? {
    (try? JSONDecoder().decode(Shape.self, from: bytes))?.subject?.digest
  }

  /// All that the manifest is made of, in its order.
  private var parts: [Descriptor] {
    switch content {
    case .manifest(let manifest): [manifest.config] + manifest.layers
    case .index(let index): index.manifests
    }
  }

  /// A manifest that could not be pulled is not taken. Its subject may be missing: it may come later.
  /// - Throws: `RegistryFault` that names all that is missing.
  func checkReferences(in repository: Repository) throws {
    var missing: [Digest] = []
    for part in parts where !Self.isElsewhere(part) {
      guard let size = try size(of: part, in: repository) else {
        if !missing.contains(part.digest) { missing.append(part.digest) }
        continue
      }
      guard size == part.size else {
        throw RegistryFault(
          400, .sizeInvalid, "the manifest gives \(part.digest) \(part.size) bytes, and it has \(size)",
          digests: [part.digest])
      }
    }
    guard missing.isEmpty else {
      throw RegistryFault(
        400, .manifestBlobUnknown, "the manifest refers to what this repository does not have", digests: missing)
    }
  }

  private func size(of part: Descriptor, in repository: Repository) throws -> Int64? {
    if case .index = content, try repository.mediaType(ofManifest: part.digest) != nil {
      return try repository.store.size(ofBlob: part.digest)
    }
    return try repository.size(ofBlob: part.digest)
  }

  /// Layers that may not be given on are named by address, and are in no registry but their owner's.
  private static func isElsewhere(_ part: Descriptor) -> Bool {
    let type = part.mediaType.rawValue
    return !(part.urls ?? []).isEmpty && (type.contains(".nondistributable.") || type.contains(".foreign."))
  }
}
