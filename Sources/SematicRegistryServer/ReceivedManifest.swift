import SematicOCI
import SematicSystem

/// A manifest or an index that a client pushes, validated.
struct ReceivedManifest {
  let mediaType: MediaType
  let subject: Digest?
  /// Its entry in a list of referrers.
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
    func invalid(_ message: String) -> RegistryFault { RegistryFault(.badRequest, .manifestInvalid, message) }
    let served = contentType?.split(separator: ";").first.map { MediaType(rawValue: HeaderFields.trimmed(String($0))) }
    if let served, !served.isManifest, !served.isIndex {
      throw invalid("Content-Type is not the media type of an OCI or Docker (schema 2) manifest or index")
    }
    let document: ManifestDocument
    do {
      document = try ManifestDocument(bytes: bytes, mediaType: served)
    } catch let error as MalformedValue {
      throw invalid("the manifest is not \(error.expected)")
    }
    guard let shape = try? decodeJSON(Shape.self, from: bytes) else {
      throw invalid("the manifest's schemaVersion, artifactType, subject or annotations are malformed")
    }
    guard shape.schemaVersion == 2 else { throw invalid("the manifest's schemaVersion is not 2") }
    guard served == nil || shape.mediaType == nil || served == shape.mediaType else {
      throw invalid("the manifest's mediaType differs from its Content-Type")
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

  /// The subject of a stored manifest; nil where it has none or cannot be read.
  static func subject(of bytes: Data) -> Digest? {
    (try? decodeJSON(Shape.self, from: bytes))?.subject?.digest
  }

  /// The blobs or manifests that it refers to, in its order.
  private var parts: [Descriptor] {
    switch content {
    case .manifest(let manifest): [manifest.config] + manifest.layers
    case .index(let index): index.manifests
    }
  }

  /// More missing blobs than this are not looked for, nor named.
  private static let missingLimit = 100

  /// Checks that everything that a pull needs is there. Its subject may be missing: it may be pushed later.
  /// - Throws: `RegistryFault` that names what is missing.
  func checkReferences(in repository: Repository) throws {
    var sizes: [Digest: Int64?] = [:]
    var missing: [Digest] = []
    for part in parts where !Self.isElsewhere(part) && missing.count < Self.missingLimit {
      let isKnown = sizes.index(forKey: part.digest) != nil
      let found = try isKnown ? sizes[part.digest] ?? nil : size(of: part, in: repository)
      sizes[part.digest] = .some(found)
      guard let found else {
        if !isKnown { missing.append(part.digest) }
        continue
      }
      guard found == part.size else {
        throw RegistryFault(
          .badRequest, .sizeInvalid,
          "the manifest says that \(part.digest) has \(part.size) bytes, but it has \(found)",
          digests: [part.digest])
      }
    }
    guard missing.isEmpty else {
      throw RegistryFault(
        .badRequest, .manifestBlobUnknown, "the manifest refers to blobs or manifests that are not in this repository",
        digests: missing)
    }
  }

  private func size(of part: Descriptor, in repository: Repository) throws -> Int64? {
    if case .index = content, try repository.mediaType(ofManifest: part.digest) != nil {
      return try repository.store.size(ofBlob: part.digest)
    }
    return try repository.size(ofBlob: part.digest)
  }

  /// Whether it is a layer that may not be redistributed: those have URLs, and need not be here.
  private static func isElsewhere(_ part: Descriptor) -> Bool {
    let type = part.mediaType.rawValue
    return !(part.urls ?? []).isEmpty && (type.contains(".nondistributable.") || type.contains(".foreign."))
  }
}
