import SematicFiles
import SematicSystem
import Yams

/// A YAML file as a tree of values that know their lines.
///
/// https://yaml.org/spec/1.2.2/ - a scalar's value is its text; JSON is read, too, as it is YAML.
enum YAMLDocument {
  static let sizeLimit: Int64 = 1 << 20
  /// The most values that a file can have: aliases make few bytes into many.
  private static let valueLimit = 20_000
  /// The most levels of values in values: Yams and everything that walks its trees recurse.
  private static let depthLimit = 100

  /// - Parameter name: the file's name in errors.
  /// - Returns: nil when there is nothing in it but comments.
  /// - Throws: `ConfigurationError`, `FileError`.
  static func read(_ path: String, name: String) throws -> YAMLValue? {
    let bytes = try FileTree.read(path, limit: sizeLimit)
    guard let text = String(bytes: bytes, encoding: .utf8) else {
      let valid = bytes.split(separator: 10, omittingEmptySubsequences: false)
        .prefix { String(bytes: $0, encoding: .utf8) != nil }
      throw ConfigurationError(.file(name, line: valid.count + 1), "this line is not UTF-8")
    }
    return try parse(text.hasPrefix("\u{feff}") ? String(text.unicodeScalars.dropFirst()) : text, name: name)
  }

  static func parse(_ text: String, name: String) throws -> YAMLValue? {
    if let line = lineOfDeepNesting(text) {
      throw ConfigurationError(.file(name, line: line), "values are nested more than \(depthLimit) levels deep")
    }
    let tooLarge = ConfigurationError(.file(name, line: 1), "the file becomes too large by its anchors and aliases")
    guard mayExpand(text) else { throw tooLarge }
    do {
      // The basic resolver takes every scalar for text; the default one costs regular expressions.
      guard let root = try compose(yaml: text, .basic, .default, .utf8) else { return nil }
      var budget = valueLimit
      try examine(root, &budget, name: name)
      guard budget > 0 else { throw tooLarge }
      return YAMLValue(root, file: name, keyLine: root.mark?.line ?? 1)
    } catch let error as YamlError {
      throw translated(error, name: name)
    }
  }

  /// The line where values are too deep in each other, whether by brackets or by indentation.
  ///
  /// Counted before Yams reads: its versions before 5.3 have no limit of their own. Brackets in quotes count, too.
  private static func lineOfDeepNesting(_ text: String) -> Int? {
    var (line, brackets, indentation, isIndentation) = (1, 0, 0, true)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"):
        (line, indentation, isIndentation) = (line + 1, 0, true)
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
      default: break
      }
      // Each level of a block stands further right by a space or by the sign of its entry.
      isIndentation = isIndentation && [32, UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":")].contains(byte)
      if isIndentation { indentation += 1 }
      if brackets > depthLimit || indentation > 2 * depthLimit { return line }
    }
    return nil
  }

  /// Whether the file has a limit however often its aliases are followed.
  ///
  /// Yams hashes keys while it reads, aliases within them spelled out, so counting what it has read would be too late.
  /// An anchor's content can hold only the aliases before the next anchor: their product is the worst case.
  private static func mayExpand(_ text: String) -> Bool {
    var factor = 1
    var aliases = 0
    var anchored = false
    var (before, sign) = (UInt8(0), UInt8(0))
    for byte in text.utf8 {
      defer { (before, sign) = (sign, byte) }
      guard sign == UInt8(ascii: "&") || sign == UInt8(ascii: "*"), isAnchorByte(byte) else { continue }
      // Within a word, as in a query of a URL, it is nothing but a character.
      guard !isAnchorByte(before) || before == UInt8(ascii: "-") else { continue }
      if sign == UInt8(ascii: "*") {
        aliases += anchored ? 1 : 0
      } else {
        anchored = true
        factor *= aliases + 1
        aliases = 0
      }
      guard factor * (aliases + 1) <= 100_000 else { return false }
    }
    return true
  }

  private static func isAnchorByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
  }

  private static func examine(_ node: Node, _ budget: inout Int, name: String) throws {
    budget -= 1
    guard budget > 0 else { return }
    switch node {
    case .sequence(let items):
      for item in items where budget > 0 { try examine(item, &budget, name: name) }
    case .mapping(let pairs):
      // Yams does so only since 5.2.
      var lines: [String: Int] = [:]
      for (key, value) in pairs where budget > 0 {
        if let text = key.scalar?.string, let line = lines.updateValue(key.mark?.line ?? 1, forKey: text) {
          throw duplicate(text, name: name, line: line)
        }
        try examine(key, &budget, name: name)
        try examine(value, &budget, name: name)
      }
    default: break
    }
  }

  private static func translated(_ error: YamlError, name: String) -> ConfigurationError {
    let language = name.hasSuffix(".json") ? "JSON" : "YAML"
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
      return ConfigurationError(.file(name, line: mark.line), "this is not \(language): \(problem)")
    case .composer(_, let problem, let mark, _):
      let isSecond = problem.contains("another document")
      return ConfigurationError(
        .file(name, line: mark.line), isSecond ? "the file must end here: it is one document" : problem)
    case .reader(_, let offset, _, let yaml):
      let line = yaml.prefix(offset ?? 0).count { $0.isNewline } + 1
      return ConfigurationError(.file(name, line: line), "this line has a character that YAML does not allow")
    default:
      return duplicate(error, name: name)
        ?? ConfigurationError(.file(name, line: 1), "this is not \(language): \(error)")
    }
  }

  /// Yams's error about a key that is given twice: a case that Yams has since 5.2, and with other values since 6.
  private static func duplicate(_ error: YamlError, name: String) -> ConfigurationError? {
    guard let values = Mirror(reflecting: error).children.first?.value else { return nil }
    switch values {
    case let (keys, context) as ([String], YamlError.Context):
      return duplicate(keys.first ?? "", name: name, line: context.mark.line)
    case let (keys, _) as ([Node: [Node]], String):
      guard let key = keys.keys.min() else { return nil }
      return duplicate(key.scalar?.string ?? "", name: name, line: key.mark?.line ?? 1)
    default: return nil
    }
  }

  private static func duplicate(_ key: String, name: String, line: Int) -> ConfigurationError {
    ConfigurationError(.file(name, line: line), "'\(key)' is given again below; remove one")
  }
}
