/// The formats of images on this machine's disk.
package enum ImageFormat: String, Sendable, CaseIterable {
  /// A layout folder: https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
  case oci
  /// A tar archive of a layout.
  case ociArchive = "oci-archive"
  /// An archive for `docker load`; it is an archive of a layout at the same time.
  case dockerArchive = "docker-archive"

  /// The reference of an image in this format, as skopeo and podman read it.
  package func reference(path: String, repository: String, tag: String?) -> String {
    "\(rawValue):\(path)" + (tag.map { self == .dockerArchive ? ":\(repository):\($0)" : ":\($0)" } ?? "")
  }

  /// The destination that writes this format.
  /// - Parameter repository: `registry/repository`, the name of the image for programs that load it.
  /// - Throws: when something at the path must not be replaced.
  package func destination(_ path: String, repository: String? = nil) throws -> any ImageDestination {
    switch self {
    case .oci: try ImageLayoutDestination(path, repository: repository)
    case .ociArchive, .dockerArchive:
      try ImageArchiveDestination(path, forDocker: self == .dockerArchive, repository: repository)
    }
  }
}
