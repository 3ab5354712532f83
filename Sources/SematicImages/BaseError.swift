import SematicOCI
import SematicSystem

/// A base image that cannot be built upon.
package enum BaseError: ExplainedError, Hashable, Sendable {
  /// The index has no image for the platform.
  case noPlatform(base: String, wanted: Platform, available: [Platform])
  /// The image is for another platform.
  case platformMismatch(base: String, is: Platform, wanted: Platform)
  /// An artifact of another kind.
  case notAnImage(String, MediaType)
  /// Indexes within indexes, more than anybody needs.
  case tooDeep(String)

  package var description: String {
    switch self {
    case .noPlatform(let base, let wanted, _): "the base image \(base) does not exist for \(wanted)"
    case .platformMismatch(let base, let platform, let wanted):
      "the base image \(base) is for \(platform), not for \(wanted)"
    case .notAnImage(let base, let type): "\(base) is not an image but \(type)"
    case .tooDeep(let base): "the index of \(base) is nested too deeply"
    }
  }

  package var hint: String? {
    switch self {
    case .noPlatform(_, _, let available) where !available.isEmpty:
      "it exists for \(available.map(\.description).joined(separator: ", "))"
    case .platformMismatch(_, let platform, _):
      "build for \(platform), or choose a base for the platform that you build for"
    default: nil
    }
  }
}
