/// The address of the server and the API key: from the environment, or as `sematic settings set` wrote them.
struct SematicSettings: Sendable {
  /// Without a slash at the end.
  private(set) var address: String?
  private(set) var key: String?

  static let addressName = "SEMATIC_API_ADDRESS"
  static let keyName = "SEMATIC_API_KEY"

  /// The settings of this environment, read without holding up other tasks.
  static func read(_ environment: [String: String]) async throws -> SematicSettings {
    try await BlockingWork.shared.run { _ in SematicSettings(environment: environment) }
  }

  init(environment: [String: String]) {
    let folder = environment["SEMATIC_CONFIG_DIR"] ?? ".sematic"
    let place = folder.hasPrefix("/") ? folder : (environment["HOME"] ?? "") + "/" + folder
    let file = System.text(of: place + "/settings.yaml").map(Self.values) ?? [:]
    func value(_ name: String) -> String? {
      guard let value = environment[name] ?? file[name], !value.isEmpty else { return nil }
      return value
    }
    key = value(Self.keyName)
    guard var address = value(Self.addressName) else { return }
    while address.hasSuffix("/") { address.removeLast() }
    self.address = address
  }

  /// The scalars of the file, which Sematic writes as one `NAME: value` on each line. Not a reader of YAML.
  private static func values(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.drop { $0 == " " }
      guard line.hasPrefix("SEMATIC_"), let colon = line.firstIndex(of: ":") else { continue }
      var value = line[line.index(after: colon)...].drop { $0 == " " }
      while value.last == " " { value.removeLast() }
      if let quote = value.first, quote == "'" || quote == "\"", value.count > 1, value.last == quote {
        value = value.dropFirst().dropLast()
      }
      values[String(line[..<colon])] = String(value)
    }
    return values
  }
}
