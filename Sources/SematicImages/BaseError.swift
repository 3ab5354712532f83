import SematicOCI
import SematicSystem

/// A base image that cannot be used.
package enum BaseError: ExplainedError, Hashable, Sendable {
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
    case .malformed(let base, let error): "the base image \(base) is invalid: \(error)"
    case .noPlatform(let base, let wanted, _): "the base image \(base) does not exist for \(wanted)"
    case .platformMismatch(let base, let platform, let wanted):
      "the base image \(base) is for \(platform), not for \(wanted)"
    case .notAnImage(let base, let type): "the base \(base) is not an image but \(type)"
    case .tooDeep(let base): "the index of the base image \(base) has too many nested entries"
    }
  }

  package var hint: String? {
    switch self {
    case .noPlatform(_, _, let available) where !available.isEmpty:
      "it exists for \(available.map(\.description).joined(separator: ", ")): `--platform \(available[0])` asks for that, and the program has to be built for it"
    case .platformMismatch(_, let platform, _):
      "build the program for \(platform) and add `--platform \(platform)`, or choose a base for your platform"
    default: nil
    }
  }
}
