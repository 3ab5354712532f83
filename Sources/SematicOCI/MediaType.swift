/// The type of bytes: https://github.com/opencontainers/image-spec/blob/v1.1.0/media-types.md
package struct MediaType: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  package var description: String { rawValue }

  package static let index = MediaType(rawValue: "application/vnd.oci.image.index.v1+json")
  package static let manifest = MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json")
  package static let configuration = MediaType(rawValue: "application/vnd.oci.image.config.v1+json")
  package static let layer = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar")
  package static let layerGzip = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
  package static let layerZstd = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+zstd")
  package static let dockerIndex = MediaType(rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")
  package static let dockerManifest = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
  package static let dockerConfiguration = MediaType(rawValue: "application/vnd.docker.container.image.v1+json")
  package static let dockerLayerGzip = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")

  package var isIndex: Bool { self == .index || self == .dockerIndex }
  package var isManifest: Bool { self == .manifest || self == .dockerManifest }

  /// The Open Containers name of a Docker type: an image that we change is always an OCI image.
  package var openContainers: MediaType {
    switch self {
    case .dockerIndex: .index
    case .dockerManifest: .manifest
    case .dockerConfiguration: .configuration
    case .dockerLayerGzip: .layerGzip
    case MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar"): .layer
    case MediaType(rawValue: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"):
      MediaType(rawValue: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")
    default: self
    }
  }
}
