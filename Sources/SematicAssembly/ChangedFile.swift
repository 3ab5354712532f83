import SematicSystem

/// A file that was written to after it was planned to be in a layer.
package struct ChangedFile: ExplainedError, Equatable, Sendable {
  package let path: String
  package let reason: String

  package init(_ path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "cannot put \(path) into a layer: \(reason) while the image was built" }

  package var hint: String? {
    "wait until nothing writes to it any more, then try again; the output of this command itself belongs in another folder"
  }
}
