/// Why the images of a launch cannot be told.
///
/// ```swift
/// do {
///   print(try containerImages())
/// } catch ContainerImageError.noImage {
///   print("started without an image")
/// }
/// ```
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

/// What else a launch program is told, for Sematic to show with the run.
package enum LaunchDescription {
  /// The command line that the person typed.
  package static let runCommand = "SEMATIC_CLI_RUN_COMMAND"
  /// The merged build configuration in YAML.
  package static let buildConfiguration = "SEMATIC_IMAGE_BUILD_CONFIG"
}

/// The encoding of the images in the environment of a launch, the same for writers and readers.
///
/// In a target of its own, without Foundation: the tool shares it with the library, and compiles nothing else of that.
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
    for entry in text.split(separator: "::") {
      let parts = entry.split(separator: "##", omittingEmptySubsequences: false).map(String.init)
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
