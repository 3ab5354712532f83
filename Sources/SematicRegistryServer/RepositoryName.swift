import SematicOCI

/// A repository's name that fits the grammar, and so is a path that stays in its folder.
struct RepositoryName: Hashable {
  let text: String

  /// - Parameter parts: of a path; a slash that was encoded in one of them parts nothing.
  /// - Throws: `RegistryFault`.
  init(parts: some Sequence<String>) throws {
    try self.init(parts.map { $0.contains("/") ? "" : $0 }.joined(separator: "/"))
  }

  /// - Throws: `RegistryFault`.
  init(_ text: some StringProtocol) throws {
    let text = String(text)
    guard ImageReference.isRepository(text) else {
      throw RegistryFault(400, .nameInvalid, "the repository's name does not fit the grammar of repository names")
    }
    self.text = text
  }
}

/// A tag that fits the grammar.
struct TagName: Hashable {
  let text: String

  init?(_ text: String) {
    guard ImageReference.isTag(text) else { return nil }
    self.text = text
  }

  /// In lower case, and which letters were not as a number behind a plus: some file systems do not tell `V1` from `v1`.
  var fileName: String {
    var capitals: [UInt8] = Array(repeating: 0, count: 16)
    for (place, byte) in text.utf8.enumerated() where (0x41...0x5A).contains(byte) {
      capitals[place / 8] |= 1 << UInt8(place % 8)
    }
    while capitals.last == 0 { capitals.removeLast() }
    if capitals.isEmpty { return text }
    let digits = capitals.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return text.lowercased() + "+" + digits.joined()
  }

  /// Nil for the name of a file that is no tag.
  init?(fileName: String) {
    let parts = fileName.split(separator: "+", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.first else { return nil }
    var bytes = Array(name.utf8)
    if parts.count == 2 {
      let digits = Array(parts[1])
      for place in bytes.indices where place / 8 * 2 + 1 < digits.count {
        let capitals = UInt8(String(digits[(place / 8 * 2)...(place / 8 * 2 + 1)]), radix: 16) ?? 0
        if capitals & (1 << UInt8(place % 8)) != 0, (0x61...0x7A).contains(bytes[place]) { bytes[place] -= 0x20 }
      }
    }
    self.init(String(decoding: bytes, as: UTF8.self))
    guard self.fileName == fileName else { return nil }
  }
}

extension TagName: Comparable {
  /// The specification's order, "case-insensitive alphanumeric", made unambiguous.
  static func < (left: TagName, right: TagName) -> Bool {
    let (first, second) = (left.text.lowercased(), right.text.lowercased())
    return first == second ? left.text < right.text : first < second
  }
}

/// What a manifest is asked for by.
enum ManifestReference {
  case tag(TagName)
  case digest(Digest)
}
