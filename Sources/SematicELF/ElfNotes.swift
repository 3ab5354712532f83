import SematicSystem

/// A library that an ELF file loads when it runs: the first of these that is there.
///
/// https://systemd.io/ELF_DLOPEN_METADATA/
package struct RuntimeLibrary: Hashable, Sendable, Codable {
  /// What the program can do only with it: `https`.
  package let feature: String?
  /// `required`, `recommended` or `suggested`; the second where nothing is said.
  package let priority: String?
  package let names: [String]

  private enum CodingKeys: String, CodingKey {
    case feature, priority
    case names = "soname"
  }
}

/// The notes of an ELF file that name what it loads when it runs.
struct ElfNotes {
  let loads: [RuntimeLibrary]

  /// Real ones have some hundred bytes.
  private static let limit: UInt64 = 1 << 20

  /// What cannot be understood says nothing: notes are no part of what a loader reads.
  /// - Throws: `ElfError` for a segment outside the file, `FileError`.
  init(_ reader: ElfReader, segments: [ElfHeader.Segment]) throws {
    var loads: [RuntimeLibrary] = []
    for segment in segments where segment.type == 4 && segment.size <= Self.limit {
      let bytes = try reader.bytes(at: segment.offset, count: Int(segment.size))
      var place = 0
      while place + 12 <= bytes.count {
        func size(_ offset: Int) -> Int { Int(reader.number(bytes, place + offset, width: 4)) }
        func padded(_ count: Int) -> Int { (count + 3) / 4 * 4 }
        let (name, content) = (place + 12, place + 12 + padded(size(0)))
        guard content <= bytes.count, size(4) <= bytes.count - content else { break }
        if size(8) == 0x407c_0c0a, bytes[name..<content].starts(with: "FDO\0".utf8) {
          let text = bytes[content..<content + size(4)].prefix { $0 != 0 }
          loads += (try? JSONDecoder().decode([RuntimeLibrary].self, from: Data(text))) ?? []
        }
        place = content + padded(size(4))
      }
    }
    self.loads = loads.filter { !$0.names.isEmpty && $0.names.allSatisfy { !$0.isEmpty && !$0.contains("/") } }
  }
}
