import SematicSystem

/// Text that is not what it should be: a digest, a reference, a platform.
package struct MalformedValue: ExplainedError, Equatable, Sendable {
  /// The thing it should have been: "digest", "image reference".
  package let kind: String
  package let value: String
  package let expected: String

  package init(kind: String, value: String, expected: String) {
    self.kind = kind
    self.value = value
    self.expected = expected
  }

  package var description: String { "'\(value)' is not a valid \(kind): expected \(expected)" }

  package var hint: String? { nil }
}

/// A library of the system that is not there.
package struct MissingLibrary: ExplainedError, Equatable, Sendable {
  package let reason: String

  package init(reason: String) { self.reason = reason }

  package var description: String { reason }

  package var hint: String? { nil }
}
