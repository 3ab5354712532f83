import SematicSystem

/// An image manifest: its configuration and its layers, lowest first.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md
package struct Manifest: Hashable, Sendable, Codable {
  package var schemaVersion = 2
  package var mediaType: MediaType?
  package var artifactType: String?
  package var config: Descriptor
  package var layers: [Descriptor]
  package var subject: Descriptor?
  package var annotations: [String: String]?

  package init(config: Descriptor, layers: [Descriptor], annotations: [String: String]? = nil) {
    self.mediaType = .manifest
    self.config = config
    self.layers = layers
    self.annotations = annotations
  }
}

/// A manifest or an index, with the very bytes that were read: what is hashed is what was received.
package struct ManifestDocument: Equatable, Sendable {
  // Indirect, so that whoever holds a document copies a reference: that is less to compile.
  package indirect enum Content: Hashable, Sendable {
    case manifest(Manifest)
    case index(ImageIndex)
  }

  package let bytes: Data
  package let descriptor: Descriptor
  package let content: Content

  /// Reads bytes that a place returned as `mediaType` (nil: as the bytes themselves say).
  /// - Throws: `MalformedValue` when the bytes are neither manifest nor index, or not what the media type says.
  package init(bytes: Data, mediaType: MediaType?) throws {
    struct Shape: Decodable {
      /// A value that only has to be there.
      struct Anything: Decodable { init(from decoder: any Decoder) {} }

      var schemaVersion: Int?
      var mediaType: MediaType?
      var manifests: [Anything]?
      var layers: [Anything]?
    }
    func malformed(_ expected: String) -> MalformedValue {
      MalformedValue(kind: "manifest", value: String(decoding: bytes.prefix(80), as: UTF8.self), expected: expected)
    }
    let shape: Shape
    do {
      shape = try decodeJSON(from: bytes)
    } catch let error as MalformedValue {
      throw malformed(error.expected)
    } catch {
      throw malformed("JSON with config and layers, or with manifests")
    }
    guard shape.schemaVersion != 1 else {
      throw malformed("version 2, not Docker's outdated schema 1: copy the image with a current tool first")
    }
    // https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh: never both.
    guard (shape.manifests == nil) != (shape.layers == nil) else { throw malformed("either layers or manifests") }
    let written = shape.mediaType ?? (shape.manifests == nil ? .manifest : .index)
    guard written.isIndex == (shape.manifests != nil), written.isManifest == (shape.layers != nil) else {
      throw malformed("an OCI or Docker media type, not \(written)")
    }
    if let mediaType, mediaType.isIndex || mediaType.isManifest, mediaType.isIndex != written.isIndex {
      throw malformed("the media type \(mediaType) that it was served as")
    }
    do {
      content =
        shape.manifests == nil ? .manifest(try decodeJSON(from: bytes)) : .index(try decodeJSON(from: bytes))
    } catch {
      throw malformed("descriptors with mediaType, digest and size")
    }
    self.bytes = bytes
    self.descriptor = try Descriptor(of: bytes, mediaType: written)
  }
}
