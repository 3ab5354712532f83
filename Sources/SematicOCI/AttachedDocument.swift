import SematicSystem

/// A document about an image that is stored beside it, and found by the image's digest.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidelines-for-artifact-usage
package struct AttachedDocument: Equatable, Sendable {
  package let content: Data
  /// The type of the document, and of the artifact that holds it.
  package let type: MediaType
  /// The name of the file that tools write it to.
  package let title: String

  package init(_ content: Data, type: MediaType, title: String) {
    self.content = content
    self.type = type
    self.title = title
  }

  /// What an artifact has in the place of a configuration.
  package static let emptyConfiguration = Data("{}".utf8)

  /// The manifest that refers to an image, and what it needs.
  package struct Encoded: Equatable, Sendable {
    package let blob: Descriptor
    package let configuration: Descriptor
    package let manifest: Data
    /// The entry in a list of referrers.
    package let descriptor: Descriptor
  }

  /// - Parameter image: the image that the document is about.
  package func encoded(about image: Descriptor) throws -> Encoded {
    var blob = try Descriptor(of: content, mediaType: type)
    let empty = MediaType(rawValue: "application/vnd.oci.empty.v1+json")
    let configuration = try Descriptor(of: Self.emptyConfiguration, mediaType: empty)
    blob.annotations = ["org.opencontainers.image.title": title]
    var manifest = Manifest(config: configuration, layers: [blob])
    manifest.artifactType = type.rawValue
    manifest.subject = Descriptor(mediaType: image.mediaType, digest: image.digest, size: image.size)
    let bytes = try canonicalJSON(manifest)
    var descriptor = try Descriptor(of: bytes, mediaType: .manifest)
    descriptor.artifactType = type.rawValue
    blob.annotations = nil
    return Encoded(blob: blob, configuration: configuration, manifest: bytes, descriptor: descriptor)
  }
}
