/// The content of the pipeline file, before pipelines are merged with the defaults.
struct PipelineFileReader {
  var defaults = WrittenSettings()
  var pipelines: [PipelineFile.Entry] = []

  private static let keys = ["version", "defaults", "pipelines"]

  /// - Throws: `ConfigurationError`, `FileError`.
  static func read(_ path: String) throws -> PipelineFileReader {
    let start = SourceLocation.file(PipelineFile.name, line: 1)
    let missing = ConfigurationError(start, "'version' is missing: begin the file with 'version: 1'")
    guard let document = try YAMLDocument.read(path, name: PipelineFile.name), !document.isNull else { throw missing }
    let entries = try document.entries("the file", example: "version: 1")
    var reader = PipelineFileReader()
    // First, as all else depends on it.
    guard let version = entries.first(where: { $0.key == "version" }) else { throw missing }
    let number = try version.value.text("'version'", example: "version: 1")
    guard number == "1" else {
      throw ConfigurationError(version.value.location, "version '\(number)' is not known: write 'version: 1'")
    }
    for entry in entries {
      switch entry.key {
      case "version": break
      case "defaults": reader.defaults = try SettingsReader.settings(entry.value, of: "'defaults'")
      case "pipelines": try reader.readPipelines(entry.value)
      default: throw unknown(entry)
      }
    }
    return reader
  }

  private mutating func readPipelines(_ value: YAMLValue) throws {
    if value.isNull { return }
    for entry in try value.entries("'pipelines'", example: "pipelines: {train: {product: train}}") {
      do {
        try ValueRules.tag(entry.key, "name of a pipeline")
      } catch let error as MalformedSetting {
        throw error.located(at: entry.location)
      }
      let settings = try SettingsReader.settings(entry.value, of: "the pipeline '\(entry.key)'")
      pipelines.append(PipelineFile.Entry(name: entry.key, location: entry.location, settings: settings))
    }
  }

  private static func unknown(_ entry: YAMLValue.Entry) -> ConfigurationError {
    if SettingsTable.row(named: entry.key) != nil {
      return ConfigurationError(
        entry.location, "'\(entry.key)' is a setting: put it under 'defaults' or under a pipeline")
    }
    let suggestion = Suggestion.sentence(for: entry.key, among: keys)
    return ConfigurationError(
      entry.location,
      "'\(entry.key)' is not a key of the file" + (suggestion.isEmpty ? ": there are \(keys.quotedList)" : suggestion))
  }
}
