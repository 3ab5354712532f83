import Foundation

/// Whether this launch program was started with a container image.
///
/// True when `SEMATIC_CONTAINER_IMAGE` or `SEMATIC_CONTAINER_IMAGE_URIS` is set, even if what it says cannot be used:
/// then `containerImages()` says why, where a silent "no" would run the pipeline in the wrong place.
/// See `has_container_image` in https://github.com/sematic-ai/sematic/blob/main/sematic/container_images.py
public func hasContainerImage() -> Bool {
  ContainerImages.isPresent(in: ProcessInfo.processInfo.environment)
}

/// The container images that this launch program was started with: base tag to `name@sha256:...`.
///
/// - Throws: `ContainerImageError` when there is none, or when the variables are not well formed.
public func containerImages() throws -> [String: String] {
  try ContainerImages.read(from: ProcessInfo.processInfo.environment)
}

/// Why the images of a launch cannot be told.
public enum ContainerImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Neither variable is set: the program was started without an image.
  case noImage
  /// What a variable holds is not as Sematic writes it.
  case malformed(variable: String, value: String, reason: String)

  /// One sentence, for people.
  public var description: String {
    switch self {
    case .noImage:
      "no container image is known: neither \(ContainerImages.single) nor \(ContainerImages.several) is set"
    case .malformed(let variable, let value, let reason):
      "\(variable)='\(value)' is not well formed: \(reason)"
    }
  }
}

/// The encoding of the images in the environment of a launch, the same for writers and readers.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/container_images.py
package enum ContainerImages {
  /// One image for everything, the user's own: it wins over the other variable.
  package static let single = "SEMATIC_CONTAINER_IMAGE"
  /// `::tag##uri::tag##uri`
  package static let several = "SEMATIC_CONTAINER_IMAGE_URIS"
  /// The base tag that must always be there.
  package static let defaultTag = "default"

  package static func isPresent(in environment: [String: String]) -> Bool {
    environment[single] != nil || environment[several] != nil
  }

  package static func read(from environment: [String: String]) throws -> [String: String] {
    if let uri = environment[single] {
      if let reason = fault(inURI: uri) {
        throw ContainerImageError.malformed(variable: single, value: uri, reason: reason)
      }
      return [defaultTag: uri]
    }
    guard let text = environment[several] else { throw ContainerImageError.noImage }
    return try decode(text)
  }

  /// - Throws: `ContainerImageError.malformed` for what the other side could not read.
  package static func encode(_ images: [String: String]) throws -> String {
    let text = images.sorted { $0.key < $1.key }.map { "::\($0.key)##\($0.value)" }.joined()
    guard try decode(text) == images else {
      throw ContainerImageError.malformed(variable: several, value: text, reason: "it would be read as other images")
    }
    return text
  }

  private static func decode(_ text: String) throws -> [String: String] {
    func malformed(_ reason: String) -> ContainerImageError {
      .malformed(variable: several, value: text, reason: reason)
    }
    var images: [String: String] = [:]
    for entry in text.components(separatedBy: "::") where !entry.isEmpty {
      let parts = entry.components(separatedBy: "##")
      guard parts.count == 2 else { throw malformed("'\(entry)' is not tag##image") }
      guard !parts[0].isEmpty else { throw malformed("'\(entry)' has no tag") }
      if let reason = fault(inURI: parts[1]) { throw malformed(reason) }
      guard images.updateValue(parts[1], forKey: parts[0]) == nil else {
        throw malformed("the tag '\(parts[0])' is there twice")
      }
    }
    guard images[defaultTag] != nil else { throw malformed("it has no image for the tag '\(defaultTag)'") }
    return images
  }

  private static func fault(inURI uri: String) -> String? {
    if uri.isEmpty { return "the image is empty" }
    if uri.contains(where: \.isWhitespace) { return "the image '\(uri)' has white space in it" }
    if uri.contains("::") || uri.contains("##") { return "the image '\(uri)' has :: or ## in it" }
    guard let at = uri.firstIndex(of: "@") else { return nil }
    if at == uri.startIndex { return "the image '\(uri)' has no name" }
    let digest = uri[uri.index(after: at)...]
    let hex = digest.dropFirst("sha256:".count)
    guard digest.hasPrefix("sha256:"), hex.utf8.count == 64, hex.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
      return "'\(digest)' is not a digest (sha256: and 64 digits 0-9a-f)"
    }
    return nil
  }
}
