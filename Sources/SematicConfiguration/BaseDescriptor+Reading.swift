import SematicOCI

extension BaseDescriptor {
  /// Reads a descriptor's file as YAML, which JSON is, too: so mistakes get their lines.
  /// - Throws: `ConfigurationError`, `FileError`.
  init(contentsOf path: String, named name: String, file: String) throws {
    guard let document = try YAMLDocument.read(path, name: file) else {
      throw ConfigurationError(.file(file, line: 1), "the file is empty: it must describe the base '\(name)'")
    }
    var texts: [String: Located<String>] = [:]
    var promises = Promises()
    for entry in try document.entries("a base descriptor", example: #"{"name": "\#(name)"}"#) {
      let example = #""\#(entry.key)": "...""#
      switch entry.key {
      case "name", "reference", "platform":
        texts[entry.key] = Located(try entry.value.text("'\(entry.key)'", example: example), entry.location)
      case "promises":
        promises = try Self.promises(entry.value)
      default:
        throw Self.unknown(entry, among: ["name", "reference", "platform", "promises"])
      }
    }
    func required(_ key: String) throws -> Located<String> {
      guard let text = texts[key] else { throw ConfigurationError(document.location, "'\(key)' is missing") }
      return text
    }
    let written = try required("name")
    guard written.value == name else {
      throw ConfigurationError(
        written.location, "the name '\(written.value)' is not the file's name: write '\(name)', or rename the file")
    }
    let platform = try required("platform")
    let reference = try required("reference")
    do {
      _ = try BaseReference.Source(reference.value)
      self.init(name: name, reference: reference.value, platform: try Platform(platform.value), promises: promises)
    } catch let error as MalformedValue {
      throw ConfigurationError(platform.location, error.description)
    } catch let error as MalformedSetting {
      throw error.located(at: reference.location)
    }
  }

  private static func promises(_ value: YAMLValue) throws -> Promises {
    var promises = Promises()
    for entry in try value.entries("'promises'", example: #""promises": {"python": "/usr/bin/python3"}"#) {
      switch entry.key {
      case "python":
        promises.pythonPath = try path(entry.value, entry.key)
      case "pythonVersion": promises.pythonVersion = try version(entry, example: "3.9")
      case "glibc": promises.glibcVersion = try version(entry, example: "2.35")
      case "glibcxx": promises.cppVersions.append("GLIBCXX_" + (try version(entry, example: "3.4.30")))
      case "cxxabi": promises.cppVersions.append("CXXABI_" + (try version(entry, example: "1.3.13")))
      default:
        throw unknown(entry, among: ["python", "pythonVersion", "glibc", "glibcxx", "cxxabi"])
      }
    }
    return promises
  }

  private static func version(_ entry: YAMLValue.Entry, example: String) throws -> String {
    let text = try entry.value.text("'\(entry.key)'", example: #""\#(entry.key)": "\#(example)""#)
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == example.split(separator: ".").count,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 4 && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { throw ConfigurationError(entry.value.location, "'\(text)' is not a version: write it as '\(example)'") }
    return text
  }

  private static func path(_ value: YAMLValue, _ key: String) throws -> String {
    let text = try value.text("'\(key)'", example: #""\#(key)": "/usr/bin/python3""#)
    guard text.hasPrefix("/"), ValueRules.isImagePath(text) else {
      throw ConfigurationError(
        value.location, "'\(text)' is not a path of the image: write an absolute path without '..'")
    }
    return text
  }

  private static func unknown(_ entry: YAMLValue.Entry, among keys: [String]) -> ConfigurationError {
    let suggestion = Suggestion.sentence(for: entry.key, among: keys)
    return ConfigurationError(
      entry.location,
      "'\(entry.key)' is not a key here" + (suggestion.isEmpty ? ": there are \(keys.quotedList)" : suggestion))
  }
}
