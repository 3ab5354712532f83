/// The forms in which an image is written to this machine's disk.
package enum ImageFormat: String, Sendable, CaseIterable {
  /// A layout folder: https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
  case oci
  /// A tar archive of a layout.
  case ociArchive = "oci-archive"
  /// What `docker load` takes; a layout's archive at the same time.
  case dockerArchive = "docker-archive"

  /// - Parameter repository: `registry/repository`, by which programs that load the image name it.
  /// - Throws: when there is something at the path that may not be replaced.
  package func destination(_ path: String, repository: String? = nil) throws -> any ImageDestination {
    switch self {
    case .oci: try ImageLayoutDestination(path, repository: repository)
    case .ociArchive, .dockerArchive:
      try ImageArchiveDestination(path, forDocker: self == .dockerArchive, repository: repository)
    }
  }
}
