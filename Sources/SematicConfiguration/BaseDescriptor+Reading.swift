import SematicOCI

extension BaseDescriptor {
  /// Reads a descriptor's file; JSON is YAML, too, so mistakes get their lines.
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
        texts[entry.key] = Located(try entry.value.text("'\(entry.key)'", example: example), entry.place)
      case "promises":
        promises = try Self.promises(entry.value)
      default:
        throw Self.unknown(entry, among: ["name", "reference", "platform", "promises"])
      }
    }
    func required(_ key: String) throws -> Located<String> {
      guard let text = texts[key] else { throw ConfigurationError(document.place, "'\(key)' is missing") }
      return text
    }
    let written = try required("name")
    guard written.value == name else {
      throw ConfigurationError(
        written.place, "the name '\(written.value)' is not the file's: write '\(name)', or rename the file")
    }
    let platform = try required("platform")
    let reference = try required("reference")
    do {
      _ = try BaseSource(reference.value)
      self.init(name: name, reference: reference.value, platform: try Platform(platform.value), promises: promises)
    } catch let error as MalformedValue {
      throw ConfigurationError(platform.place, error.description)
    } catch let error as MalformedSetting {
      throw error.located(at: reference.place)
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
      case "entrypoint":
        let example = #""entrypoint": ["/usr/bin/python3"]"#
        let words = try entry.value.items("'entrypoint'", example: example)
        promises.entrypoint = try words.map { try $0.text("a word of 'entrypoint'", example: example) }
      case "path":
        promises.path = try paths(entry)
      case "writable":
        promises.writableFolders = try paths(entry)
      default:
        throw unknown(entry, among: ["python", "pythonVersion", "glibc", "entrypoint", "path", "writable"])
      }
    }
    return promises
  }

  private static func version(_ entry: YAMLValue.Entry, example: String) throws -> String {
    let text = try entry.value.text("'\(entry.key)'", example: #""\#(entry.key)": "\#(example)""#)
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 4 && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { throw ConfigurationError(entry.value.place, "'\(text)' is not a version: write it as '\(example)'") }
    return text
  }

  private static func paths(_ entry: YAMLValue.Entry) throws -> [String] {
    let items = try entry.value.items("'\(entry.key)'", example: #""\#(entry.key)": ["/sematic/bin"]"#)
    return try items.map { try path($0, entry.key) }
  }

  private static func path(_ value: YAMLValue, _ key: String) throws -> String {
    let text = try value.text("'\(key)'", example: #""\#(key)": "/usr/bin/python3""#)
    guard text.hasPrefix("/"), ValueRules.isImagePath(text) else {
      throw ConfigurationError(value.place, "'\(text)' is not a path of the image: write it from / on, without '..'")
    }
    return text
  }

  private static func unknown(_ entry: YAMLValue.Entry, among keys: [String]) -> ConfigurationError {
    let suggestion = Suggestion.sentence(for: entry.key, among: keys)
    return ConfigurationError(
      entry.place,
      "'\(entry.key)' is not a key here" + (suggestion.isEmpty ? ": there are \(keys.quotedList)" : suggestion))
  }
}
