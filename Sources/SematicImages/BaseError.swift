import SematicOCI
import SematicSystem

/// An image, such as a base, that cannot be used.
package enum BaseError: ExplainedError, Equatable, Sendable {
  /// The index has no image for the platform.
  case noPlatform(base: String, wanted: Platform, available: [Platform])
  /// The image is for another platform.
  case platformMismatch(base: String, is: Platform, wanted: Platform)
  /// The artifact is not an image.
  case notAnImage(String, MediaType)
  /// The index contains too many nested indexes.
  case tooDeep(String)

  /// The manifest or the configuration is invalid.
  case malformed(String, MalformedValue)

  package var description: String {
    switch self {
    case .malformed(let image, let error): "the image \(image) is invalid: \(error)"
    case .noPlatform(let image, _, []): "the index \(image) names no image"
    case .noPlatform(let image, let wanted, _): "the image \(image) does not exist for \(wanted)"
    case .platformMismatch(let image, let platform, let wanted):
      "the image \(image) is for \(platform), not for \(wanted)"
    case .notAnImage(let artifact, let type): "\(artifact) is not an image but \(type)"
    case .tooDeep(let image): "the index of the image \(image) has too many nested entries"
    }
  }

  package var hint: String? {
    switch self {
    case .noPlatform(_, _, let available) where !available.isEmpty:
      "it exists for \(available.map(\.description).joined(separator: ", ")): `--platform \(available[0])` asks for that"
    case .platformMismatch(_, let platform, _): "`--platform \(platform)` asks for it"
    default: nil
    }
  }
}
