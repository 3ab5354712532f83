import SematicSystem

/// A mistake in what a person wrote: its place, the reason, and what would be right.
package struct ConfigurationError: ExplainedError, Equatable, Sendable {
  /// Nil where something is missing.
  package let location: SourceLocation?
  package let reason: String
  package let hint: String?

  init(_ location: SourceLocation?, _ reason: String, hint: String? = nil) {
    self.location = location
    self.reason = reason
    self.hint = hint
  }

  package var description: String { location.map { "\($0): \(reason)" } ?? reason }

  package var isMisuse: Bool { if case .option = location { true } else { false } }
}

/// The place where a setting was written.
package enum SourceLocation: Equatable, Sendable, CustomStringConvertible {
  /// A file by its path in the package; lines count from 1.
  case file(String, line: Int)
  /// An option of the command line: `--registry`.
  case option(String)

  package var description: String {
    switch self {
    case .file(let name, let line): "\(name):\(line)"
    case .option(let name): name
    }
  }
}

/// A value, and the place where it was written.
struct Located<Value: Equatable & Sendable>: Equatable, Sendable {
  let value: Value
  let location: SourceLocation

  init(_ value: Value, _ location: SourceLocation) {
    self.value = value
    self.location = location
  }
}

/// A value that cannot be right, without its place.
struct MalformedSetting: Error {
  let reason: String
  let hint: String?

  init(_ reason: String, hint: String? = nil) {
    self.reason = reason
    self.hint = hint
  }

  func located(at location: SourceLocation) -> ConfigurationError { ConfigurationError(location, reason, hint: hint) }
}

extension Sequence<String> {
  /// `'a', 'b'`.
  var quotedList: String { map { "'\($0)'" }.joined(separator: ", ") }
}
