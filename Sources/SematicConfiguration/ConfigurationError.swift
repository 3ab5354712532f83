import SematicSystem

/// A mistake in what a person wrote: where it is, what it is, and what would be right.
package struct ConfigurationError: ExplainedError, Hashable, Sendable {
  /// Nil where the mistake is in what is missing.
  package let place: Place?
  package let reason: String
  package let hint: String?

  init(_ place: Place?, _ reason: String, hint: String? = nil) {
    self.place = place
    self.reason = reason
    self.hint = hint
  }

  package var description: String { place.map { "\($0): \(reason)" } ?? reason }

  package var isMisuse: Bool { if case .option = place { true } else { false } }
}

/// Where a setting was written.
package enum Place: Hashable, Sendable, CustomStringConvertible {
  /// By its path in the package; lines count from 1.
  case file(String, line: Int)
  /// Of the command line: `--registry`.
  case option(String)

  package var description: String {
    switch self {
    case .file(let name, let line): "\(name):\(line)"
    case .option(let name): name
    }
  }
}

/// A value, and where it was written.
struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
  let value: Value
  let place: Place

  init(_ value: Value, _ place: Place) {
    self.value = value
    self.place = place
  }
}

extension Sequence<String> {
  /// `'a', 'b'`.
  var quotedList: String { map { "'\($0)'" }.joined(separator: ", ") }
}
