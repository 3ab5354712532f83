import SematicOCI

/// What single values must look like. Every function throws `MalformedSetting`, or returns the value.
package enum ValueRules {
  static func text(_ text: String) throws -> String {
    guard !text.isEmpty else { throw MalformedSetting("the text is empty") }
    return text
  }

  static func tag(_ text: String) throws -> String { try tag(text, "tag") }

  @discardableResult
  static func tag(_ text: String, _ what: String) throws -> String {
    guard !ImageReference.isTag(text) else { return text }
    throw MalformedSetting(
      "'\(text)' is not a valid \(what): use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)")
  }

  /// A file that is named without wildcards.
  static func packagePath(_ text: String) throws -> String {
    guard try !PackageFolder.parts(of: text).isEmpty else { throw MalformedSetting("the path is empty") }
    return text
  }

  /// A file of the package itself: others could not be imported on this machine.
  static func ownPath(_ text: String) throws -> String {
    guard !text.hasPrefix(PackageFolder.repositoryMark) else {
      throw MalformedSetting("'\(text)' is outside of the package: sources cannot be")
    }
    return try packagePath(text)
  }

  static func sources(_ text: String) throws -> DataPattern {
    _ = try ownPath(text)
    _ = try Glob(text)
    return DataPattern(glob: text, destination: nil)
  }

  /// The rules of `check`, which is another module's.
  package static let checkRules = [
    "sources", "pushed", "entrypoint", "python", "home", "sematic-bin-writable", "sematic-bin-on-path", "platform",
    "interpreter", "c-library", "libraries", "certificates", "tmp",
  ]

  static func checkRule(_ text: String) throws -> String {
    guard !checkRules.contains(text) else { return text }
    let meant = Suggestion.sentence(for: text, among: checkRules)
    throw MalformedSetting(
      "'\(text)' is not a rule of check" + (meant.isEmpty ? ": there are \(checkRules.quotedList)" : meant))
  }

  static func isTagCharacter(_ scalar: Unicode.Scalar) -> Bool {
    isAlphanumeric(scalar) || scalar == "_" || scalar == "." || scalar == "-"
  }

  static func tagSuffix(_ text: String) throws -> String {
    guard text.isEmpty || !text.unicodeScalars.allSatisfy(isTagCharacter) else { return text }
    throw MalformedSetting("'\(text)' is not a valid tag suffix: use A-Z a-z 0-9 _ . -")
  }

  static func repository(_ text: String) throws -> String {
    guard !ImageReference.isRepository(text) else { return text }
    throw MalformedSetting(
      "'\(text)' is not a repository: use a-z 0-9, single . _ or dashes between them, and / between folders",
      hint: text.contains(":") ? "tags belong in 'tags'" : nil)
  }

  /// A variable's name as Kubernetes accepts it.
  static func environment(_ name: String, _ value: String) throws -> String {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, scalars.allSatisfy(isTagCharacter), !("0"..."9").contains(first) else {
      throw MalformedSetting(
        "'\(name)' is not a name for an environment variable: use A-Z a-z 0-9 _ . - (no digit first)")
    }
    guard !["SEMATIC_CONTAINER_IMAGE", "SEMATIC_CONTAINER_IMAGE_URIS"].contains(name) else {
      throw MalformedSetting("'\(name)' cannot be set here: it tells Sematic which image runs")
    }
    guard !value.unicodeScalars.contains("\0") else {
      throw MalformedSetting("the value of '\(name)' has a zero byte; environment variables cannot have one")
    }
    return value
  }

  static func label(_ name: String, _ value: String) throws -> String {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, isAlphanumeric(first),
      scalars.allSatisfy({ isTagCharacter($0) || $0 == "/" })
    else {
      throw MalformedSetting(
        "'\(name)' is not a name for a label or an annotation: use A-Z a-z 0-9 _ . - / (letter or digit first)")
    }
    guard !value.unicodeScalars.contains("\0") else {
      throw MalformedSetting("the value of '\(name)' has a zero byte")
    }
    return value
  }

  static func retries(_ text: String) throws -> Int {
    guard let count = Int(text), (0...100).contains(count) else {
      throw MalformedSetting("'\(text)' is not a number of retries: write a number from 0 (never retry) to 100")
    }
    return count
  }

  static func user(_ text: String) throws -> String {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let valid =
      parts.count <= 2
      && parts.allSatisfy { part in
        let isNumber = part.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
        return !part.isEmpty && part.unicodeScalars.allSatisfy(isTagCharacter) && !part.hasPrefix("-")
          && (!isNumber || UInt32(part).map { $0 < .max } ?? false)
      }
    guard !valid else { return text }
    throw MalformedSetting(
      "'\(text)' is not a user: write a name or a number, with or without a group, as in 1000:1000")
  }

  static func workingDirectory(_ text: String) throws -> String {
    guard text.hasPrefix("/"), isImagePath(text) else {
      throw MalformedSetting("'\(text)' is not a folder of the image: write an absolute path without '..'")
    }
    return text
  }

  static func compression(_ text: String) throws -> LayerCompression {
    try translated { try LayerCompression(text) }
  }

  static func platform(_ text: String) throws -> Platform {
    try translated { try Platform(text) }
  }

  /// The name of a Swift SDK, or its triple.
  static func swiftSDK(_ text: String) throws -> String {
    guard text.isEmpty || text.hasPrefix("-") || text.contains(where: { $0.isWhitespace || $0 == "/" }) else {
      return text
    }
    throw MalformedSetting("'\(text)' is not the name of a Swift SDK: `swift sdk list` prints those that are installed")
  }

  private static func translated<Value>(_ parse: () throws -> Value) throws -> Value {
    do {
      return try parse()
    } catch let error as MalformedValue {
      throw MalformedSetting("\(error)")
    }
  }

  static func isImagePath(_ text: String) -> Bool {
    !text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
      && !text.split(separator: "/").contains("..")
  }

  private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
  }
}
