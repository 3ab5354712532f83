import SematicFiles
import SematicSystem

/// The settings that Sematic's client has on this machine: those of the environment, and of `sematic settings set`.
package struct SematicUserSettings: Sendable {
  /// The file that Sematic writes.
  package let file: String
  private let written: [String: String]
  private let environment: [String: String]

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let folder = environment["SEMATIC_CONFIG_DIR"] ?? ".sematic"
    file = FileTree.absolute(folder + "/settings.yaml", from: environment["HOME"] ?? "/")
    written = (try? Self.read(file)) ?? [:]
    self.environment = environment
  }

  /// A setting that is not empty, and the place that it comes from.
  package func value(_ name: String) -> (value: String, origin: String)? {
    let found = environment[name].map { ($0, name) } ?? written[name].map { ($0, file) }
    return found.flatMap { $0.0.isEmpty ? nil : $0 }
  }

  /// The settings of the profile `default`, the only one that Sematic uses.
  private static func read(_ file: String) throws -> [String: String] {
    var value = try YAMLDocument.read(file, name: file)
    for key in ["profiles", "default", "settings", "sematic.config.user_settings.UserSettings"] {
      value = try value?.entries(key, example: "").first { $0.key == key }?.value
    }
    let pairs = try value?.entries("the settings", example: "").map { ($0.key, try $0.value.text($0.key, example: "")) }
    return Dictionary(pairs ?? []) { $1 }
  }
}
