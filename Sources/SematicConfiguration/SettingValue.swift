import SematicOCI
import Yams

/// A value that a setting can have.
protocol SettingValue: Hashable, Sendable {
  /// The value as a pipeline file has it.
  var node: Node { get }
}

extension SettingValue {
  var node: Node { .text("\(self)") }
}

extension String: SettingValue {}
extension LayerCompression: SettingValue {}
extension Platform: SettingValue {}
extension RegistryMirror: SettingValue {}
extension RegistrySetting: SettingValue {}

extension Int: SettingValue {
  var node: Node { .scalar(Node.Scalar("\(self)", .own(.int), .plain)) }
}

extension Bool: SettingValue {
  var node: Node { .scalar(Node.Scalar("\(self)", .own(.bool), .plain)) }
}

extension [RegistryMirror]: SettingValue {
  var node: Node { .list(map(\.node)) }
}

extension DataPattern: SettingValue {
  var node: Node {
    guard destination != nil || isOfSystem else { return .text(glob) }
    let source = (isOfSystem ? "from_system" : "from", Node.text(glob))
    return .map([source] + (destination.map { [("to", .text($0))] } ?? []))
  }
}

extension Node {
  /// In quotes where a reader could take it for something else than text.
  static func text(_ text: String) -> Node {
    let isWord = text.unicodeScalars.first.map { $0 == "/" || $0.properties.isAlphabetic } ?? false
    let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    let isPlain = isWord && !words.contains(text.lowercased()) && !text.contains(where: \.isNewline)
    let style: Node.Scalar.Style = isPlain ? .any : .doubleQuoted
    return .scalar(Node.Scalar(text, .own(.str), style))
  }

  static func list(_ items: [Node]) -> Node { .sequence(Sequence(items, .own(.seq), .block)) }

  static func map(_ pairs: [(String, Node)]) -> Node {
    .mapping(Node.Mapping(pairs.map { (text($0.0), $0.1) }, .own(.map), .block))
  }
}

extension Tag {
  /// The default resolver would cost the compilation of regular expressions, for tags that are known.
  fileprivate static func own(_ name: Tag.Name) -> Tag { Tag(name, .basic) }
}
