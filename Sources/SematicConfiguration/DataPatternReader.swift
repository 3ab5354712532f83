/// The reader of an entry of `data`: `models/*.bin`, or `{from: models/*.bin, to: /models}`.
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
    var destination: String?
    for entry in try item.entries("an entry of 'data'", example: example) {
      let text = try entry.value.text("'\(entry.key)'", example: example)
      switch entry.key {
      case "from": glob = try checked(text, entry.value.location)
      case "to": destination = try checkedDestination(text, entry.value.location)
      default:
        let suggestion = Suggestion.sentence(for: entry.key, among: ["from", "to"])
        throw ConfigurationError(
          entry.location,
          "data: '\(entry.key)' is not a key of an entry" + (suggestion.isEmpty ? ": write '\(example)'" : suggestion))
      }
    }
    guard let glob else { throw ConfigurationError(item.location, "data: 'from' is missing: write '\(example)'") }
    return DataPattern(glob: glob, destination: destination)
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
