import SematicSystem

/// An archive that cannot be what it should be: malformed, truncated, or written against its own header.
package struct ArchiveError: ExplainedError, Equatable, Sendable {
  /// The operation in the infinitive: "read the tar archive", "write 'name' to the tar archive".
  package let operation: String
  package let reason: String

  package init(_ operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  package var description: String { "cannot \(operation): \(reason)" }

  package var hint: String? { nil }
}
