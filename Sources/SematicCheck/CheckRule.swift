/// A rule that Sematic or Kubernetes has for an image.
///
/// The first seven are those that Sematic's documentation has for a custom image; the others are what a worker needs.
package enum CheckRule: String, CaseIterable, Equatable, Sendable, Codable {
  case sources
  case pushed
  case entrypoint
  case python
  case home
  case writableFolder = "sematic-bin-writable"
  case path = "sematic-bin-on-path"
  case platform
  case interpreter
  case cLibrary = "c-library"
  case libraries
  case certificates
  case temporary = "tmp"

  /// The number among the seven rules of Sematic's documentation; nil for the others.
  package var number: Int? { Self.allCases.firstIndex(of: self).flatMap { $0 < 7 ? $0 + 1 : nil } }

  package var title: String {
    switch self {
    case .sources: "source and dependencies inside"
    case .pushed: "in a registry"
    case .entrypoint: "entrypoint"
    case .python: "/usr/bin/python3"
    case .home: "home writable"
    case .writableFolder: "/sematic/bin writable"
    case .path: "/sematic/bin on PATH"
    case .platform: "platform"
    case .interpreter: "interpreter of the entrypoint"
    case .cLibrary: "version of the C library"
    case .libraries: "shared libraries"
    case .certificates: "certificate authorities"
    case .temporary: "/tmp writable"
    }
  }
}
