import SematicOCI

/// A valid name of a repository, which is also a path that stays in its folder.
struct RepositoryName: Equatable {
  let text: String

  /// - Parameter parts: the components of a path; one with an encoded slash makes the name invalid.
  /// - Throws: `RegistryFault`.
  init(parts: some Sequence<String>) throws {
    try self.init(parts.map { $0.contains("/") ? "" : $0 }.joined(separator: "/"))
  }

  /// - Throws: `RegistryFault`.
  init(_ text: some StringProtocol) throws {
    let text = String(text)
    guard ImageReference.isRepository(text) else {
      throw RegistryFault(.badRequest, .nameInvalid, "invalid repository name")
    }
    self.text = text
  }
}

/// A valid tag.
struct TagName: Equatable {
  let text: String

  init?(_ text: String) {
    guard ImageReference.isTag(text) else { return nil }
    self.text = text
  }

  /// The tag in lower case, then a plus and a bit mask of its capitals: some file systems do not distinguish `V1` from `v1`.
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

  /// Nil when the file name is not that of a tag.
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
  /// The specification's order ("case-insensitive alphanumeric"), with a rule for ties.
  static func < (left: TagName, right: TagName) -> Bool {
    let (first, second) = (left.text.lowercased(), right.text.lowercased())
    return first == second ? left.text < right.text : first < second
  }
}
