/// Reads what one pipeline, or `defaults`, says in the pipeline file.
enum SettingsReader {
  /// - Throws: `ConfigurationError`.
  static func settings(_ value: YAMLValue, of what: String) throws -> WrittenSettings {
    var settings = WrittenSettings()
    // A pipeline without settings of its own is a line with its name.
    if value.isNull { return settings }
    for entry in try value.entries(what, example: SettingsTable.shared.registry.row.example) {
      guard let row = SettingsTable.row(named: entry.key) else {
        throw ConfigurationError(entry.location, "'\(entry.key)' is not a setting" + advice(on: entry.key))
      }
      settings[row.name] = try row.read(entry)
    }
    try rejectTwoPrograms(settings)
    if let platform = settings.location(of: \.platform), let other = settings.located(\.platforms).first?.location {
      throw ConfigurationError(other, "'platforms' and 'platform' (\(platform)) cannot be used together; remove one")
    }
    try replaceBase(in: &settings)
    return settings
  }

  private static func advice(on key: String) -> String {
    if key == "<<" { return ": put what pipelines have in common under 'defaults'" }
    let suggestion = Suggestion.sentence(for: key, among: SettingsTable.names)
    return suggestion.isEmpty ? ": there are \(SettingsTable.names.quotedList)" : suggestion
  }

  private static func rejectTwoPrograms(_ settings: WrittenSettings) throws {
    guard let product = settings.location(of: \.product), let script = settings.location(of: \.script) else { return }
    throw ConfigurationError(
      script,
      "'script' and 'product' (\(product)) cannot be used together: a script brings all executable products along")
  }

  /// `base: X` is `bases: {default: X}`.
  private static func replaceBase(in settings: inout WrittenSettings) throws {
    guard let base = settings.base, let location = settings.location(of: \.base) else { return }
    let tag = BaseReference.defaultTag
    if let other = settings.bases[tag], other != base {
      throw ConfigurationError(
        settings.location(of: \.bases, tag),
        "'bases' has '\(other)' as 'default', but 'base' is '\(base)' (\(location)); remove one")
    }
    settings.add([WrittenValue(key: tag, value: base, location: location)], to: SettingsTable.shared.bases.row)
    settings[SettingsTable.shared.base.row.name] = []
  }
}
