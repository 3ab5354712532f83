import SematicOCI

/// Reads what one pipeline, or `defaults`, says in the pipeline file.
struct SettingsReader {
  private var settings = Settings()
  private var base: Located<String>?

  /// - Throws: `ConfigurationError`.
  static func settings(_ value: YAMLValue, of what: String) throws -> Settings {
    // A pipeline without settings of its own is a line with its name.
    if value.isNull { return Settings() }
    var reader = SettingsReader()
    for entry in try value.entries(what, example: SettingKey.registry.example) {
      guard let key = SettingKey(rawValue: entry.key) else {
        throw ConfigurationError(entry.place, "'\(entry.key)' is not a setting" + Self.advice(on: entry.key))
      }
      do {
        try reader.read(key, entry)
      } catch let error as MalformedSetting {
        throw ConfigurationError(entry.value.place, "\(key.rawValue): \(error.reason)", hint: error.hint)
      }
    }
    return try reader.finished()
  }

  private static func advice(on key: String) -> String {
    if key == "<<" { return ": what pipelines have in common goes under 'defaults'" }
    let keys = SettingKey.allCases.map(\.rawValue)
    let suggestion = Suggestion.sentence(for: key, among: keys)
    return suggestion.isEmpty ? ": there are \(keys.quotedList)" : suggestion
  }

  private mutating func read(_ key: SettingKey, _ entry: YAMLValue.Entry) throws {
    switch key {
    case .product: settings.product = try text(key, entry) { guard !$0.isEmpty else { throw Self.empty } }
    case .script: settings.script = try text(key, entry, rule: ValueRules.packagePath)
    case .src: settings.sources = try sources(entry)
    case .requirements: settings.requirements = try text(key, entry, rule: ValueRules.packagePath)
    case .registry:
      let text = try text(key, entry) { _ in }
      settings.registry = Located(try RegistrySetting(text.value), text.place)
    case .repository: settings.repository = try text(key, entry, rule: ValueRules.repository)
    case .base: base = try text(key, entry) { guard !$0.isEmpty else { throw Self.empty } }
    case .bases: settings.bases = try bases(entry)
    case .env: settings.environment = try map(key, entry, rule: ValueRules.environment)
    case .data: settings.data = try data(entry)
    case .tags: settings.tags = try tags(entry)
    case .tagSuffix: settings.tagSuffix = try text(key, entry, rule: ValueRules.tagSuffix)
    case .insecure: settings.insecure = try entry.value.flag("'insecure'", example: key.example)
    case .mirrors: settings.mirrors = try MirrorReader.mirrors(entry)
    case .retries: settings.retries = try ValueRules.retries(text(key, entry) { _ in }.value)
    case .labels: settings.labels = try map(key, entry, rule: ValueRules.label)
    case .annotations: settings.annotations = try map(key, entry, rule: ValueRules.label)
    case .user: settings.user = try text(key, entry, rule: ValueRules.user).value
    case .workdir: settings.workingDirectory = try text(key, entry, rule: ValueRules.workingDirectory).value
    case .layerSize: settings.layerSize = try ValueRules.layerSize(text(key, entry) { _ in }.value)
    case .debugInformation:
      settings.keepsDebugInformation = try ValueRules.keepsDebugInformation(text(key, entry) { _ in }.value)
    case .compression: settings.compression = try ValueRules.compression(text(key, entry) { _ in }.value)
    }
  }

  private static let empty = MalformedSetting("the text is empty")

  private func text(
    _ key: SettingKey, _ entry: YAMLValue.Entry, rule: (String) throws -> Void
  ) throws -> Located<String> {
    let text = try entry.value.text("'\(key.rawValue)'", example: key.example)
    try rule(text)
    return Located(text, entry.value.place)
  }

  private func map(
    _ key: SettingKey, _ entry: YAMLValue.Entry, rule: (String, String) throws -> Void
  ) throws -> [String: String] {
    var values: [String: String] = [:]
    for pair in try entry.value.entries("'\(key.rawValue)'", example: key.example) {
      let value = try pair.value.text("'\(pair.key)'", example: #"\#(pair.key): """#)
      do {
        try rule(pair.key, value)
      } catch let error as MalformedSetting {
        throw ConfigurationError(pair.place, "\(key.rawValue): \(error.reason)", hint: error.hint)
      }
      values[pair.key] = value
    }
    return values
  }

  private func bases(_ entry: YAMLValue.Entry) throws -> [String: Located<String>] {
    var bases: [String: Located<String>] = [:]
    for pair in try entry.value.entries("'bases'", example: SettingKey.bases.example) {
      let text = try pair.value.text("'\(pair.key)'", example: "\(pair.key): worker-base")
      do {
        try ValueRules.tag(pair.key, "base tag")
        guard !text.isEmpty else { throw Self.empty }
      } catch let error as MalformedSetting {
        throw ConfigurationError(pair.place, "bases: \(error.reason)", hint: error.hint)
      }
      bases[pair.key] = Located(text, pair.value.place)
    }
    return bases
  }

  private func tags(_ entry: YAMLValue.Entry) throws -> [Located<String>] {
    var tags: [Located<String>] = []
    for item in try entry.value.items("'tags'", example: SettingKey.tags.example) {
      let tag = try item.text("a tag of 'tags'", example: SettingKey.tags.example)
      do {
        try ValueRules.tag(tag, "tag")
      } catch let error as MalformedSetting {
        throw ConfigurationError(item.place, "tags: \(error.reason)", hint: error.hint)
      }
      guard !tags.contains(where: { $0.value == tag }) else {
        throw ConfigurationError(item.place, "tags: '\(tag)' is there twice: keep one of them")
      }
      tags.append(Located(tag, item.place))
    }
    return tags
  }

  private func data(_ entry: YAMLValue.Entry) throws -> [Located<DataPattern>] {
    var patterns: [Located<DataPattern>] = []
    for item in try entry.value.items("'data'", example: SettingKey.data.example) {
      let pattern = try DataPatternReader.pattern(item)
      guard !patterns.contains(where: { $0.value == pattern }) else {
        throw ConfigurationError(item.place, "data: '\(pattern.glob)' is there twice: keep one of them")
      }
      patterns.append(Located(pattern, item.place))
    }
    return patterns
  }

  private func sources(_ entry: YAMLValue.Entry) throws -> [Located<DataPattern>] {
    try entry.value.items("'src'", example: SettingKey.src.example).map { item in
      let glob = try item.text("an entry of 'src'", example: SettingKey.src.example)
      do {
        _ = try Glob(glob)
      } catch let error as MalformedSetting {
        throw ConfigurationError(item.place, "src: \(error.reason)", hint: error.hint)
      }
      return Located(DataPattern(glob: glob, destination: nil), item.place)
    }
  }

  /// `base: X` is `bases: {default: X}`.
  private func finished() throws -> Settings {
    var settings = settings
    if let product = settings.product, let script = settings.script {
      throw ConfigurationError(
        script.place,
        "'script' and 'product' (\(product.place)) exclude each other: a script brings all executable products along")
    }
    if let base {
      if let other = settings.bases[NamedBase.defaultTag], other.value != base.value {
        throw ConfigurationError(
          other.place,
          "'bases' has '\(other.value)' as 'default', but 'base' is '\(base.value)' (\(base.place)): keep one of them")
      }
      settings.bases[NamedBase.defaultTag] = base
    }
    return settings
  }
}
