#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Whether this launch program was started with a container image.
///
/// True when `SEMATIC_CONTAINER_IMAGE` or `SEMATIC_CONTAINER_IMAGE_URIS` is set, even if what it says cannot be used:
/// then `containerImages()` says why, where a silent "no" would run the pipeline in the wrong place.
/// See `has_container_image` in https://github.com/sematic-ai/sematic/blob/main/sematic/container_images.py
///
/// ```swift
/// if hasContainerImage() {
///   try await train.with(input).schedule(with: CloudResolver())
/// }
/// ```
public func hasContainerImage() -> Bool {
  ContainerImages.isPresent(in: launchEnvironment())
}

/// The container images that this launch program was started with: base tag to `name@sha256:...`.
///
/// - Throws: `ContainerImageError` when there is none, or when the variables are not well formed.
///
/// ```swift
/// for (tag, image) in try containerImages() { print(tag, image) }
/// ```
public func containerImages() throws -> [String: String] {
  try ContainerImages.read(from: launchEnvironment())
}

private func launchEnvironment() -> [String: String] {
  var found: [String: String] = [:]
  for name in [ContainerImages.single, ContainerImages.several] {
    if let value = getenv(name) { found[name] = String(cString: value) }
  }
  return found
}
