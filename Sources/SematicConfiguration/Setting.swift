/// One row of the table of settings, and the type of its value.
package struct Setting<Value>: AnySetting {
  let row: SettingRow
  /// The value of what was written, nothing included.
  let value: @Sendable ([WrittenValue]) -> Value
}

/// A row whose value's type is not known.
protocol AnySetting: Sendable {
  var row: SettingRow { get }
}

/// What the readers, the merging and the writer know of a setting.
struct SettingRow: Sendable {
  /// How settings of two layers become one.
  enum Merging {
    /// The upper one wins.
    case overrides
    /// The upper list wins as a whole.
    case replaces
    /// The lower one's items come first.
    case appends
    /// The upper one wins, key by key.
    case merges
  }

  /// The key in sematic.yaml.
  let name: String
  /// A correct line: `user: 1000:1000`.
  let example: String
  let option: SettingOption?
  let merging: Merging
  /// Another setting that this one replaces.
  var alternative: String?
  /// The value that stands for nothing written.
  var unset: (any SettingValue)?
  let read: @Sendable (YAMLValue.Entry) throws -> [WrittenValue]
  /// Reads what is behind the option.
  var readOption: ReadOption?

  typealias ReadOption = @Sendable (String) throws -> (key: String, value: any SettingValue)
}

/// The command line option of a setting.
package struct SettingOption: Sendable {
  /// Without its dashes.
  package let name: String
  package let help: String
  package let valueName: String
  /// Whether it can be given more than once.
  package fileprivate(set) var isRepeatable = false
  /// Whether it takes no value: `--NAME` and `--no-NAME`.
  package fileprivate(set) var isFlag = false

  init(_ name: String, _ valueName: String = "", help: String) {
    self.name = name
    self.valueName = valueName
    self.help = help
  }
}

/// An item of a setting as it was written.
struct WrittenValue: Sendable {
  /// Empty but in a map.
  let key: String
  let value: any SettingValue
  let location: SourceLocation
}

extension Setting {
  /// A single value; nil where none is written.
  static func optional<T: SettingValue>(
    _ name: String, example: String, option: SettingOption? = nil, insteadOf alternative: String? = nil,
    _ parse: @escaping @Sendable (String) throws -> T
  ) -> Setting where Value == T? {
    Setting(row: .text(name, example, option, alternative, nil, parse)) { $0.last?.value as? T }
  }

  static func flag(_ name: String, example: String, default unset: Bool, option: SettingOption? = nil) -> Setting
  where Value == Bool {
    var option = option
    option?.isFlag = true
    let row = SettingRow(
      name: name, example: "\(name): \(example)", option: option, merging: .overrides, unset: unset,
      read: { entry in
        let flag = try entry.value.flag("'\(name)'", example: "\(name): \(example)")
        return [WrittenValue(key: "", value: flag, location: entry.value.location)]
      }, readOption: { ("", $0 == "true") })
    return Setting(row: row) { $0.last?.value as? Bool ?? unset }
  }

  /// A single value of more than text.
  static func item<T: SettingValue>(
    _ name: String, example: String, _ parse: @escaping @Sendable (YAMLValue) throws -> T
  ) -> Setting where Value == T? {
    let row = SettingRow(
      name: name, example: "\(name): \(example)", option: nil, merging: .overrides,
      read: { entry in
        let location = entry.value.location
        return try located(location, in: name) {
          [WrittenValue(key: "", value: try parse(entry.value), location: location)]
        }
      })
    return Setting(row: row) { $0.last?.value as? T }
  }

  /// A list of texts.
  static func list<T: SettingValue>(
    _ name: String, example: String, option: SettingOption? = nil, insteadOf alternative: String? = nil,
    _ parse: @escaping @Sendable (String) throws -> T
  ) -> Setting where Value == [T] {
    items(name, example: example, option: option, insteadOf: alternative) {
      ("", try parse($0))
    } item: {
      try parse($0.text("an entry of '\(name)'", example: "\(name): \(example)"))
    }
  }

  /// A list of anything.
  static func items<T: SettingValue>(
    _ name: String, example: String, option: SettingOption? = nil, insteadOf alternative: String? = nil,
    readOption: SettingRow.ReadOption? = nil, item: @escaping @Sendable (YAMLValue) throws -> T
  ) -> Setting where Value == [T] {
    var option = option
    option?.isRepeatable = true
    let row = SettingRow(
      name: name, example: "\(name): \(example)", option: option,
      merging: alternative == nil ? .appends : .replaces, alternative: alternative,
      read: { entry in
        var seen: Set<T> = []
        return try entry.value.items("'\(name)'", example: "\(name): \(example)").map { value in
          try located(value.location, in: name) {
            let parsed = try item(value)
            guard seen.insert(parsed).inserted else {
              throw MalformedSetting("'\(parsed)' is listed twice; remove one")
            }
            return WrittenValue(key: "", value: parsed, location: value.location)
          }
        }
      }, readOption: readOption)
    return Setting(row: row) { $0.compactMap { $0.value as? T } }
  }

  /// A map of texts.
  static func map<T: SettingValue>(
    _ name: String, example: String, option: SettingOption? = nil, defaultKey: String? = nil,
    pair: (@Sendable (YAMLValue.Entry) throws -> (String, T))? = nil,
    _ parse: @escaping @Sendable (String, String) throws -> T
  ) -> Setting where Value == [String: T] {
    pairs(name, example: example, option: option) { text in
      let (key, value) = try keyAndValue(text, defaultKey, form: option?.valueName.uppercased() ?? "")
      return (key, try parse(key, value))
    } pair: { entry in
      if let pair { return try pair(entry) }
      let text = try entry.value.text("'\(entry.key)'", example: #"\#(entry.key): """#)
      return (entry.key, try parse(entry.key, text))
    }
  }

  /// A map of anything.
  static func pairs<T: SettingValue>(
    _ name: String, example: String, option: SettingOption? = nil, readOption: SettingRow.ReadOption? = nil,
    pair: @escaping @Sendable (YAMLValue.Entry) throws -> (String, T)
  ) -> Setting where Value == [String: T] {
    var option = option
    option?.isRepeatable = true
    let row = SettingRow(
      name: name, example: "\(name): \(example)", option: option, merging: .merges,
      read: { entry in
        var keys: Set<String> = []
        return try entry.value.entries("'\(name)'", example: "\(name): \(example)").map { entry in
          try located(entry.location, in: name) {
            let (key, value) = try pair(entry)
            guard keys.insert(key).inserted else { throw MalformedSetting("'\(key)' is listed twice; remove one") }
            return WrittenValue(key: key, value: value, location: entry.value.location)
          }
        }
      }, readOption: readOption)
    return Setting(row: row) { written in
      Dictionary(written.compactMap { item in (item.value as? T).map { (item.key, $0) } }) { $1 }
    }
  }
}

extension Setting where Value: SettingValue {
  /// A single value with a default.
  static func value(
    _ name: String, example: String, default unset: Value, option: SettingOption? = nil,
    _ parse: @escaping @Sendable (String) throws -> Value
  ) -> Setting {
    Setting(row: .text(name, example, option, nil, unset, parse)) { $0.last?.value as? Value ?? unset }
  }
}

extension SettingRow {
  fileprivate static func text(
    _ name: String, _ example: String, _ option: SettingOption?, _ alternative: String?, _ unset: (any SettingValue)?,
    _ parse: @escaping @Sendable (String) throws -> any SettingValue
  ) -> SettingRow {
    SettingRow(
      name: name, example: "\(name): \(example)", option: option, merging: .overrides, alternative: alternative,
      unset: unset,
      read: { entry in
        let text = try entry.value.text("'\(name)'", example: "\(name): \(example)")
        let location = entry.value.location
        return try located(location, in: name) { [WrittenValue(key: "", value: try parse(text), location: location)] }
      }, readOption: { ("", try parse($0)) })
  }
}

/// Tells where a value is that cannot be right.
private func located<Result>(
  _ location: SourceLocation, in setting: String, _ body: () throws -> Result
) throws -> Result {
  do {
    return try body()
  } catch let error as MalformedSetting {
    throw ConfigurationError(location, "\(setting): \(error.reason)", hint: error.hint)
  }
}

/// `KEY=VALUE`, or a value alone where there is a default key.
private func keyAndValue(_ text: String, _ defaultKey: String?, form: String) throws -> (String, String) {
  var (key, value) = (defaultKey, text)
  // A path may hold an equals sign, too, but not before its oci: or slash.
  if let equals = text.firstIndex(of: "="),
    defaultKey == nil || !text[..<equals].contains(where: { ":/@".contains($0) })
  {
    (key, value) = (String(text[..<equals]), String(text[equals...].dropFirst()))
  }
  guard let key, defaultKey == nil || !value.isEmpty else {
    throw MalformedSetting("'\(text)' has no value: write \(form)")
  }
  return (key, value)
}
