/// What the command line says above the pipeline file.
package struct Overrides: Sendable {
  /// The texts of each option of a setting, by its name without dashes.
  package let texts: [String: [String]]

  package init(_ texts: [String: [String]] = [:]) { self.texts = texts }

  /// - Throws: `ConfigurationError`, which names the option.
  func settings() throws -> WrittenSettings {
    var settings = WrittenSettings()
    for row in SettingsTable.rows {
      guard let option = row.option, let read = row.readOption, let texts = texts[option.name] else { continue }
      let location = SourceLocation.option("--" + option.name)
      for text in texts {
        do {
          let (key, value) = try read(text)
          if row.merging == .merges, settings[row.name].contains(where: { $0.key == key }) {
            throw MalformedSetting("'\(key)' is given twice")
          }
          let written = WrittenValue(key: key, value: value, location: location)
          if row.merging == .replaces {
            let isThere = settings[row.name].contains { $0.value.node == value.node }
            if !isThere { settings[row.name].append(written) }
          } else {
            settings.add([written], to: row)
          }
        } catch let error as MalformedSetting {
          throw error.located(at: location)
        }
      }
    }
    return settings
  }
}
