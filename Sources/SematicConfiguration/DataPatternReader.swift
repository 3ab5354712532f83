/// The reader of an entry of `data`: `models/*.bin`, `{from: models/*.bin, to: /models}` or `{from_system: /bin/sh}`.
enum DataPatternReader {
  private static let example = "{from: models/*.bin, to: /models}"

  /// - Throws: `ConfigurationError`, `MalformedSetting`.
  static func pattern(_ item: YAMLValue) throws -> DataPattern {
    guard item.isMap else {
      let glob = try item.text("an entry of 'data'", example: SettingsTable.shared.dataPatterns.row.example)
      _ = try Glob(glob)
      return DataPattern(glob: glob, destination: nil)
    }
    var glob: String?
    var isOfSystem = false
    var destination: String?
    for entry in try item.entries("an entry of 'data'", example: example) {
      let text = try entry.value.text("'\(entry.key)'", example: example)
      if entry.key.hasPrefix("from"), glob != nil {
        throw ConfigurationError(entry.location, "data: an entry has either 'from' or 'from_system'")
      }
      switch entry.key {
      case "from": glob = try checked(text, entry.value.location)
      case "from_system":
        glob = try checkedSystem(text, entry.value.location)
        isOfSystem = true
      case "to": destination = try checkedDestination(text, entry.value.location)
      default:
        let suggestion = Suggestion.sentence(for: entry.key, among: ["from", "from_system", "to"])
        throw ConfigurationError(
          entry.location,
          "data: '\(entry.key)' is not a key of an entry" + (suggestion.isEmpty ? ": write '\(example)'" : suggestion))
      }
    }
    guard let glob else { throw ConfigurationError(item.location, "data: 'from' is missing: write '\(example)'") }
    return DataPattern(glob: glob, destination: destination, isOfSystem: isOfSystem)
  }

  private static func checkedSystem(_ text: String, _ location: SourceLocation) throws -> String {
    let isLibrary = !text.contains("/") && text.contains(".so")
    guard isLibrary || text.hasPrefix("/") && text != "/" && ValueRules.isImagePath(text) else {
      throw ConfigurationError(
        location,
        "data: '\(text)' is nothing of the system: write an absolute path, or the name of a library (libz.so.1)")
    }
    return text
  }

  private static func checked(_ glob: String, _ location: SourceLocation) throws -> String {
    do {
      _ = try Glob(glob)
    } catch let error as MalformedSetting {
      throw ConfigurationError(location, "data: \(error.reason)", hint: error.hint)
    }
    return glob
  }

  private static func checkedDestination(_ text: String, _ location: SourceLocation) throws -> String {
    guard !text.isEmpty, ValueRules.isImagePath(text) else {
      throw ConfigurationError(
        location,
        "data: '\(text)' is not a path of the image: write an absolute path, or one in the working directory, without '..'"
      )
    }
    return text
  }
}
