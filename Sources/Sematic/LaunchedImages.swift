// Exported for ContainerImageError, which is a part of this library's interface.
@_exported public import LaunchVariables

/// Whether this launch program was started with a container image.
///
/// True when `SEMATIC_CONTAINER_IMAGE` or `SEMATIC_CONTAINER_IMAGE_URIS` is set, even if what it says cannot be used:
/// then `containerImages()` says why, where a silent "no" would run the pipeline in the wrong place.
/// See `has_container_image` in https://github.com/sematic-ai/sematic/blob/main/sematic/container_images.py
public func hasContainerImage() -> Bool {
  ContainerImages.isPresent(in: System.environment())
}

/// The container images that this launch program was started with: base tag to `name@sha256:...`.
///
/// - Throws: `ContainerImageError` when there is none, or when the variables are not well formed.
public func containerImages() throws -> [String: String] {
  try ContainerImages.read(from: System.environment())
}
