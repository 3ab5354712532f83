/// A reference to bytes: what they are, their digest and how many.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md
package struct Descriptor: Hashable, Sendable, Codable {
  package var mediaType: MediaType
  package var digest: Digest
  /// The size in bytes.
  package var size: Int64
  package var urls: [String]?
  package var annotations: [String: String]?
  package var artifactType: String?
  package var platform: Platform?

  package init(
    mediaType: MediaType, digest: Digest, size: Int64, annotations: [String: String]? = nil, platform: Platform? = nil
  ) {
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
    self.annotations = annotations
    self.platform = platform
  }

  package init(of bytes: some Collection<UInt8>, mediaType: MediaType) throws {
    self.init(mediaType: mediaType, digest: try Digest.of(bytes), size: Int64(bytes.count))
  }
}
