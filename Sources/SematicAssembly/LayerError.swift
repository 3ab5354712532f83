import SematicSystem

/// A layer that cannot be made of what it should hold.
package enum LayerError: ExplainedError, Hashable, Sendable {
  case invalidPath(String, reason: String)
  /// Two different things at one place; what they are, for a reader.
  case conflict(path: String, first: String, second: String)
  /// Something beneath what is not a folder in the same layer.
  case notAFolder(path: String, above: String, is: String)
  case notAFile(String, path: String)
  /// A file that was written to while it was read.
  case changed(String, reason: String)

  package var description: String {
    switch self {
    case .invalidPath(let path, let reason): "cannot put '\(path)' into a layer: \(reason)"
    case .conflict(let path, let first, let second):
      "cannot put two things at /\(path) of a layer: \(first) and \(second)"
    case .notAFolder(let path, let above, let kind):
      "cannot put '\(path)' into a layer: /\(above) in the same layer is not a folder but \(kind)"
    case .notAFile(let file, let path): "cannot put \(file) at /\(path) of a layer: it is not a regular file"
    case .changed(let file, let reason): "cannot put \(file) into a layer: \(reason) while it was read"
    }
  }

  package var hint: String? {
    switch self {
    case .changed: "wait until nothing writes to it any more, then try again"
    default: nil
    }
  }
}
