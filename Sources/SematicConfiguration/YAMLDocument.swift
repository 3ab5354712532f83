import SematicFiles
import Yams

/// A YAML file as a tree of values that know their lines.
///
/// https://yaml.org/spec/1.2.2/ - scalars are taken by their text; JSON is read, too, as it is YAML.
enum YAMLDocument {
  static let sizeLimit: Int64 = 1 << 20
  /// Aliases make few bytes into many values.
  private static let valueLimit = 20_000

  /// - Parameter name: how errors call the file.
  /// - Returns: nil when there is nothing in it but comments.
  /// - Throws: `ConfigurationError`, `FileError`.
  static func read(_ path: String, name: String) throws -> YAMLValue? {
    let bytes = try FileTree.read(path, limit: sizeLimit)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let valid = bytes.split(separator: 10, omittingEmptySubsequences: false)
        .prefix { String(validating: $0, as: UTF8.self) != nil }
      throw ConfigurationError(.file(name, line: valid.count + 1), "this line is not UTF-8")
    }
    return try parse(text.hasPrefix("\u{feff}") ? String(text.unicodeScalars.dropFirst()) : text, name: name)
  }

  static func parse(_ text: String, name: String) throws -> YAMLValue? {
    let tooLarge = ConfigurationError(.file(name, line: 1), "the file becomes too large by its anchors and aliases")
    guard mayExpand(text) else { throw tooLarge }
    do {
      // The basic resolver takes every scalar for text; the default one costs regular expressions.
      guard let root = try compose(yaml: text, .basic, .default, .utf8) else { return nil }
      var budget = valueLimit
      count(root, &budget)
      guard budget > 0 else { throw tooLarge }
      return YAMLValue(root, file: name, keyLine: root.mark?.line ?? 1)
    } catch let error as YamlError {
      throw translated(error, name: name)
    }
  }

  /// False where aliases could multiply the file beyond all bounds.
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

  private static func count(_ node: Node, _ budget: inout Int) {
    budget -= 1
    guard budget > 0 else { return }
    switch node {
    case .sequence(let items):
      for item in items where budget > 0 { count(item, &budget) }
    case .mapping(let pairs):
      for (key, value) in pairs where budget > 0 {
        count(key, &budget)
        count(value, &budget)
      }
    case .scalar, .alias: break
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
    case .duplicatedKeysInMapping(let keys, let context):
      return ConfigurationError(
        .file(name, line: context.mark.line), "'\(keys.first ?? "")' is given again further down: keep one of them")
    case .reader(_, let offset, _, let yaml):
      let line = yaml.prefix(offset ?? 0).count { $0.isNewline } + 1
      return ConfigurationError(.file(name, line: line), "this line has a character that YAML does not allow")
    default:
      return ConfigurationError(.file(name, line: 1), "this is not \(language): \(error)")
    }
  }
}
