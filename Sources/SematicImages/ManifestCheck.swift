import SematicOCI
import SematicSystem

extension ManifestDocument {
  /// The largest manifest that registries accept and that is read here, in bytes.
  package static let sizeLimit: Int64 = 4 << 20

  /// Parses a manifest; one that was requested by digest is checked against it.
  /// - Throws: `BlobMismatch`; `MalformedValue`.
  package init(bytes: Data, mediaType: MediaType?, as identifier: ManifestIdentifier, from place: String) throws {
    if case .digest(let digest) = identifier {
      let found = try Digest.of(bytes, digest.algorithm)
      guard found == digest else {
        let type = mediaType ?? .manifest
        let expected = Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
        throw BlobMismatch(descriptor: expected, place: place, found: .digest(found))
      }
    }
    try self.init(bytes: bytes, mediaType: mediaType)
  }
}

/// A manifest that does not exist.
package struct ManifestNotFound: ExplainedError, Equatable, Sendable {
  package let identifier: ManifestIdentifier
  package let place: String
  /// The names that exist, where they are known.
  package let names: [String]

  package init(_ identifier: ManifestIdentifier, in place: String, names: [String] = []) {
    self.identifier = identifier
    self.place = place
    self.names = names
  }

  package var description: String { "\(place) has no image '\(identifier)'" }

  package var hint: String? { names.isEmpty ? nil : "it has \(names.joined(separator: ", "))" }
}
