import SematicSystem

/// A library that an ELF file opens at run time with dlopen: the first of its names that is there.
///
/// https://systemd.io/ELF_DLOPEN_METADATA/
package struct DlopenNote: Equatable, Sendable, Codable {
  /// What the program can do only with it: `https`.
  package let feature: String?
  /// `required`, `recommended` or `suggested`; recommended where nothing is said.
  package let priority: String?
  package let names: [String]

  private enum CodingKeys: String, CodingKey {
    case feature, priority
    case names = "soname"
  }
}

/// The notes of an ELF file that name what it opens at run time.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html#note_section
struct ElfNotes {
  let dlopen: [DlopenNote]

  /// The limit for all notes of a file together: several segments can be the same bytes. Real ones have some hundred.
  private static let sizeLimit: UInt64 = 64 << 10
  /// A JSON text may be nested as deeply as it likes, and costs more the deeper it is: no real one has 1 kB.
  private static let textLimit = 4 << 10
  private static let headerSize = 12

  /// Skips what cannot be understood: notes are no part of what a loader reads.
  /// - Throws: `ElfError` for a segment outside the file, `FileError`.
  init(_ reader: ElfReader, segments: [ElfHeader.Segment]) throws {
    var notes: [DlopenNote] = []
    var room = Self.sizeLimit
    for segment in segments where segment.type == PT.note && segment.size <= room {
      room -= segment.size
      let bytes = try reader.bytes(at: segment.offset, count: Int(segment.size))
      var start = 0
      while bytes.count - start >= Self.headerSize {
        // 32 bits, and the segment is small: no sum overflows.
        func field(_ offset: Int) -> Int { Int(reader.number(bytes, start + offset, width: 4)) }
        func padded(_ count: Int) -> Int { (count + 3) / 4 * 4 }
        let (nameSize, contentSize, type) = (field(0), field(4), UInt64(field(8)))
        let name = start + Self.headerSize
        let content = name + padded(nameSize)
        guard content <= bytes.count, contentSize <= bytes.count - content else { break }
        if type == NT.dlopenMetadata, contentSize <= Self.textLimit, bytes[name..<content].starts(with: "FDO\0".utf8) {
          let text = bytes[content..<content + contentSize].prefix { $0 != 0 }
          notes += (try? JSONDecoder().decode([DlopenNote].self, from: Data(text))) ?? []
        }
        start = content + padded(contentSize)
      }
    }
    dlopen = notes.filter { !$0.names.isEmpty && $0.names.allSatisfy { !$0.isEmpty && !$0.contains("/") } }
  }
}
