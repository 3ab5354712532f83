import SematicOCI

/// What the command line says above the pipeline file: scalars override, lists append.
package struct Overrides: Hashable, Sendable {
  /// `--registry`
  package var registry: String?
  /// `--repository`
  package var repository: String?
  /// `--base [TAG=]REFERENCE`
  package var bases: [String]
  /// `--env NAME=VALUE`
  package var environment: [String]
  /// `--tag`
  package var tags: [String]
  /// `--platform`
  package var platform: String?
  /// `--retries`
  package var retries: String?
  /// `--compression`
  package var compression: String?

  package init(
    registry: String? = nil, repository: String? = nil, bases: [String] = [], environment: [String] = [],
    tags: [String] = [], platform: String? = nil, retries: String? = nil,
    compression: String? = nil
  ) {
    self.registry = registry
    self.repository = repository
    self.bases = bases
    self.environment = environment
    self.tags = tags
    self.platform = platform
    self.retries = retries
    self.compression = compression
  }

  /// - Throws: `ConfigurationError`, which names the option.
  func settings() throws -> Settings {
    var settings = Settings()
    settings.registry = try registry.map { text in
      Located(try at("--registry") { try RegistrySetting(text) }, .option("--registry"))
    }
    settings.repository = try repository.map { text in
      try at("--repository") { try ValueRules.repository(text) }
      return Located(text, .option("--repository"))
    }
    for text in bases { try at("--base") { try Self.add(base: text, to: &settings) } }
    for text in environment { try at("--env") { try Self.add(variable: text, to: &settings) } }
    settings.compression = try compression.map { text in
      try at("--compression") { try ValueRules.compression(text) }
    }
    for text in tags {
      try at("--tag") { try ValueRules.tag(text, "tag") }
      if !settings.tags.contains(where: { $0.value == text }) { settings.tags.append(Located(text, .option("--tag"))) }
    }
    settings.retries = try retries.map { text in try at("--retries") { try ValueRules.retries(text) } }
    return settings
  }

  /// - Throws: `ConfigurationError`, which names the option.
  func wantedPlatform() throws -> Platform? {
    try platform.map { text in
      do {
        return try Platform(text)
      } catch let error as MalformedValue {
        throw ConfigurationError(.option("--platform"), error.description)
      }
    }
  }

  private static func add(base text: String, to settings: inout Settings) throws {
    var (tag, reference) = (NamedBase.defaultTag, text)
    // A path may hold an equals sign, too, but not before its oci: or slash.
    if let equals = text.firstIndex(of: "="), !text[..<equals].contains(where: { ":/@".contains($0) }) {
      tag = String(text[..<equals])
      reference = String(text[equals...].dropFirst())
      try ValueRules.tag(tag, "base tag")
    }
    guard !reference.isEmpty else { throw MalformedSetting("'\(text)' names no base: write [TAG=]REFERENCE") }
    guard settings.bases[tag] == nil else { throw MalformedSetting("'\(tag)' is given twice") }
    settings.bases[tag] = Located(reference, .option("--base"))
  }

  private static func add(variable text: String, to settings: inout Settings) throws {
    guard let equals = text.firstIndex(of: "=") else {
      throw MalformedSetting("'\(text)' has no value: write NAME=VALUE")
    }
    let name = String(text[..<equals])
    let value = String(text[equals...].dropFirst())
    try ValueRules.environment(name, value)
    guard settings.environment[name] == nil else { throw MalformedSetting("'\(name)' is given twice") }
    settings.environment[name] = value
  }

  private func at<Value>(_ option: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as MalformedSetting {
      throw error.located(at: .option(option))
    }
  }
}
