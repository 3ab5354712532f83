import SematicOCI

/// What single values must look like. Every function throws `MalformedSetting`.
enum ValueRules {
  static func tag(_ text: String, _ what: String) throws {
    guard !ImageReference.isTag(text) else { return }
    throw MalformedSetting(
      "'\(text)' is not a valid \(what): it takes at most 128 of A-Z a-z 0-9 _ . - (not . or - first)")
  }

  /// Of a file that is named, without wildcards.
  static func packagePath(_ text: String) throws {
    guard try !PackageFolder.parts(of: text).isEmpty else { throw MalformedSetting("the path is empty") }
  }

  static func isTagCharacter(_ scalar: Unicode.Scalar) -> Bool {
    isAlphanumeric(scalar) || scalar == "_" || scalar == "." || scalar == "-"
  }

  static func tagSuffix(_ text: String) throws {
    guard text.isEmpty || !text.unicodeScalars.allSatisfy(isTagCharacter) else { return }
    throw MalformedSetting("'\(text)' is not a valid tag suffix: it takes A-Z a-z 0-9 _ . -")
  }

  static func repository(_ text: String) throws {
    guard !ImageReference.isRepository(text) else { return }
    throw MalformedSetting(
      "'\(text)' is not a repository: it takes a-z 0-9, between them single . _ or dashes, and / between folders",
      hint: text.contains(":") ? "tags go into 'tags'" : nil)
  }

  /// What Kubernetes takes as the name of a variable.
  static func environment(_ name: String, _ value: String) throws {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, scalars.allSatisfy(isTagCharacter), !("0"..."9").contains(first) else {
      throw MalformedSetting(
        "'\(name)' is not a name for an environment variable: it takes A-Z a-z 0-9 _ . - (no digit first)")
    }
    guard !["SEMATIC_CONTAINER_IMAGE", "SEMATIC_CONTAINER_IMAGE_URIS"].contains(name) else {
      throw MalformedSetting("'\(name)' cannot be set here: Sematic says by it which image runs")
    }
    guard !value.unicodeScalars.contains("\0") else {
      throw MalformedSetting("the value of '\(name)' holds a zero byte, which no environment can")
    }
  }

  static func label(_ name: String, _ value: String) throws {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, isAlphanumeric(first),
      scalars.allSatisfy({ isTagCharacter($0) || $0 == "/" })
    else {
      throw MalformedSetting(
        "'\(name)' is not a name for a label or an annotation: it takes A-Z a-z 0-9 _ . - / (letter or digit first)")
    }
    guard !value.unicodeScalars.contains("\0") else {
      throw MalformedSetting("the value of '\(name)' holds a zero byte")
    }
  }

  static func retries(_ text: String) throws -> Int {
    guard let count = Int(text), (0...100).contains(count) else {
      throw MalformedSetting("'\(text)' is not a number of retries: write 0, for none, to 100")
    }
    return count
  }

  static func user(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let valid =
      parts.count <= 2
      && parts.allSatisfy { part in
        let isNumber = part.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
        return !part.isEmpty && part.unicodeScalars.allSatisfy(isTagCharacter) && !part.hasPrefix("-")
          && (!isNumber || UInt32(part).map { $0 < .max } ?? false)
      }
    guard !valid else { return }
    throw MalformedSetting("'\(text)' is not a user: write a name or a number, and perhaps a group, as in 1000:1000")
  }

  static func workingDirectory(_ text: String) throws {
    guard text.hasPrefix("/"), isImagePath(text) else {
      throw MalformedSetting("'\(text)' is not a folder of the image: write its path from / on, without '..'")
    }
  }

  static func compression(_ text: String) throws -> LayerCompression {
    do {
      return try LayerCompression(text)
    } catch let error as MalformedValue {
      throw MalformedSetting("\(error)")
    }
  }

  /// - Returns: bytes.
  static func layerSize(_ text: String) throws -> Int64 {
    let digits = text.prefix { ("0"..."9").contains($0) }
    let units: [String: Int64] = ["MB": 1_000_000, "GB": 1_000_000_000]
    let unit = units[String(text[digits.endIndex...].drop { $0 == " " })]
    guard let unit, let number = Int64(digits), case let size = number.multipliedReportingOverflow(by: unit),
      number > 0, !size.overflow
    else { throw MalformedSetting("'\(text)' is not a size: write it in MB or GB, as in 512 MB") }
    return size.partialValue
  }

  static func keepsDebugInformation(_ text: String) throws -> Bool {
    guard ["keep", "strip"].contains(text) else { throw MalformedSetting("'\(text)' is neither 'keep' nor 'strip'") }
    return text == "keep"
  }

  static func isImagePath(_ text: String) -> Bool {
    !text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
      && !text.split(separator: "/").contains("..")
  }

  private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
  }
}
