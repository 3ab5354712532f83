import Yams

/// A value of a YAML file, and the only way to its text, items and entries: each names file and line in its errors.
struct YAMLValue {
  private let node: Node
  private let file: String
  private let keyLine: Int

  init(_ node: Node, file: String, keyLine: Int) {
    self.node = node
    self.file = file
    self.keyLine = keyLine
  }

  /// One `key: value`.
  struct Entry {
    let key: String
    let location: SourceLocation
    let value: YAMLValue
  }

  /// The line of the value, or of its key where there is no value.
  var location: SourceLocation { .file(file, line: isNull ? keyLine : node.mark?.line ?? keyLine) }

  /// Whether it is nothing, `~` or `null`, without quotes.
  var isNull: Bool {
    guard case .scalar(let scalar) = node else { return false }
    return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  var isMap: Bool { node.mapping != nil }

  /// The text of a value; numbers and booleans have the text that was written.
  /// - Parameter what: names the value in errors: `'registry'`.
  /// - Parameter example: a correct line.
  func text(_ what: String, example: String) throws -> String {
    try rejectNull(what, example)
    guard case .scalar(let scalar) = node else { throw mismatch(what, "text", example) }
    return scalar.string
  }

  func flag(_ what: String, example: String) throws -> Bool {
    try rejectNull(what, example)
    if case .scalar(let scalar) = node, scalar.style == .plain {
      if scalar.string == "true" { return true }
      if scalar.string == "false" { return false }
    }
    throw mismatch(what, "true or false", example)
  }

  func items(_ what: String, example: String) throws -> [YAMLValue] {
    try rejectNull(what, example)
    guard case .sequence(let items) = node else { throw mismatch(what, "a list", example) }
    return items.map { YAMLValue($0, file: file, keyLine: keyLine) }
  }

  func entries(_ what: String, example: String) throws -> [Entry] {
    try rejectNull(what, example)
    guard case .mapping(let pairs) = node else { throw mismatch(what, "a map", example) }
    return try pairs.map { key, value in
      let line = key.mark?.line ?? keyLine
      let location = SourceLocation.file(file, line: line)
      guard case .scalar(let scalar) = key else {
        throw ConfigurationError(location, "a key of \(what) is not text: write '\(example)'")
      }
      return Entry(key: scalar.string, location: location, value: YAMLValue(value, file: file, keyLine: line))
    }
  }

  private func rejectNull(_ what: String, _ example: String) throws {
    guard isNull else { return }
    throw ConfigurationError(location, "\(what) has no value: write '\(example)', or remove it")
  }

  private func mismatch(_ what: String, _ expected: String, _ example: String) -> ConfigurationError {
    let found =
      switch node {
      case .scalar(let scalar): expected == "true or false" ? "'\(scalar.string)'" : "text"
      case .sequence: "a list"
      case .mapping: "a map"
      // Yams 5.3 and later have a case for aliases, which only its encoder makes.
      default: "something else"
      }
    return ConfigurationError(location, "\(what) must be \(expected), not \(found): write '\(example)'")
  }
}
