import SematicOCI
import SematicSystem

/// A layout folder that cannot be read or written.
package enum ImageLayoutError: ExplainedError, Equatable, Sendable {
  case notALayout(String, String)
  case empty(String)
  case ambiguous(String, names: [String])
  case missingBlob(String, Digest)
  /// Something at the path that must not be replaced.
  case occupied(String, String)

  package var description: String {
    switch self {
    case .notALayout(let path, let reason): "\(path) is not an OCI image layout: \(reason)"
    case .empty(let path): "the layout \(path) has no images"
    case .ambiguous(let path, _): "the layout \(path) has several images, and none was named"
    case .missingBlob(let path, let digest): "the layout \(path) does not have the blob \(digest)"
    case .occupied(let path, let what): "cannot write the image to \(path): \(what)"
    }
  }

  package var hint: String? {
    switch self {
    case .notALayout, .empty: nil
    case .ambiguous(let path, let names):
      names.isEmpty ? nil : "name one of them: \(names.map { "oci:\(path):\($0)" }.joined(separator: ", "))"
    case .missingBlob: "a layout that was written with --thin does not contain the base's layers"
    case .occupied: "name a path that does not exist yet"
    }
  }
}
