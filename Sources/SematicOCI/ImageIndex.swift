import SematicSystem

/// An image index: one manifest for each platform.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
package struct ImageIndex: Hashable, Sendable, Codable {
  package var schemaVersion = 2
  package var mediaType: MediaType?
  package var manifests: [Descriptor]
  package var annotations: [String: String]?

  package init(manifests: [Descriptor], annotations: [String: String]? = nil) {
    self.mediaType = .index
    self.manifests = manifests
    self.annotations = annotations
  }
}

extension ImageIndex {
  /// The bytes that are published of an index, and their descriptor, whose digest names its images.
  package struct Encoded: Equatable, Sendable {
    package let bytes: Data
    package let descriptor: Descriptor
  }

  /// The index of images that are one for each platform.
  package init(of images: [Image], annotations: [String: String] = [:]) throws {
    let manifests = try images.map { image in
      var descriptor = try image.encoded().manifestDescriptor
      descriptor.platform = image.configuration.platform
      return descriptor
    }
    self.init(manifests: manifests, annotations: annotations.isEmpty ? nil : annotations)
  }

  package func encoded() throws -> Encoded {
    let bytes = try canonicalJSON(self)
    return Encoded(bytes: bytes, descriptor: try Descriptor(of: bytes, mediaType: .index))
  }
}
