import Yams

/// A base as it is typed: a text, or a program of the package that prints one.
enum TypedBase: SettingValue, CustomStringConvertible {
  case text(String)
  case script(String)

  /// Reads `worker-base` or `{script: ./choose-base}`.
  /// - Throws: `ConfigurationError`, `MalformedSetting`.
  init(_ value: YAMLValue, of key: String) throws {
    guard value.isMap else {
      self = .text(try ValueRules.text(value.text("'\(key)'", example: "\(key): worker-base")))
      return
    }
    let example = "\(key): {script: ./choose-base}"
    var script: String?
    for entry in try value.entries("'\(key)'", example: example) {
      guard entry.key == "script" else {
        throw MalformedSetting("'\(entry.key)' is not a key of a base: write '\(example)'")
      }
      script = try ValueRules.packagePath(entry.value.text("'script'", example: example))
    }
    guard let script else { throw MalformedSetting("'script' is missing: write '\(example)'") }
    self = .script(script)
  }

  /// The text that was typed, or that the program prints now.
  /// - Throws: `ConfigurationError`.
  func text(in package: PackageFolder, at location: SourceLocation) throws -> String {
    switch self {
    case .text(let text): return text
    case .script(let path):
      do {
        return try BaseScript(path, in: package).printedReference()
      } catch let error as MalformedSetting {
        throw error.located(at: location)
      }
    }
  }

  var node: Node {
    switch self {
    case .text(let text): .text(text)
    case .script(let path): .map([("script", .text(path))])
    }
  }

  var description: String {
    switch self {
    case .text(let text): text
    case .script(let path): "script \(path)"
    }
  }
}
