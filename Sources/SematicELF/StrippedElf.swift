import SematicFiles

/// An ELF file without its debug information.
///
/// That is most of a program, and changes with every line.
///
/// Names of functions stay (.symtab), so that backtraces name them. Sections keep their numbers, by which symbols name
/// theirs: what is left out becomes an unused entry of the table.
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html
package struct StrippedElf {
  /// Offsets in a 64-bit file header.
  private enum Ehdr {
    static let size = 64
    static let phoff = 32
    static let shoff = 40
    static let shentsize = 58
    static let shnum = 60
    static let shstrndx = 62
  }

  /// Offsets in a 64-bit section header.
  private enum Shdr {
    static let size = 64
    static let name = 0
    static let type = 4
    static let flags = 8
    static let offset = 24
    static let sizeField = 32
    static let addralign = 48
  }

  private static let programHeaderSize: UInt64 = 56

  package let pieces: [FilePiece]

  private struct Section {
    let index: Int
    let name: String
    let type: UInt64
    let flags: UInt64
    let offset: UInt64
    let size: UInt64
    let alignment: UInt64

    /// Whether only debuggers read it.
    var isDebugInformation: Bool {
      !isLoaded
        && [".debug_", ".zdebug_", ".rela.debug_", ".rel.debug_", ".gdb_index", ".swift_ast"]
          .contains { name.hasPrefix($0) }
    }

    var isLoaded: Bool { flags & SHF.alloc != 0 }

    /// The end of its bytes in the file; 0 where it has none. That they lie in the file was checked.
    var end: UInt64 { type == SHT.null || type == SHT.nobits ? 0 : offset &+ size }
  }

  /// Nil where nothing can be left out, and where the file is not as linkers make it: with something behind its last
  /// section, say, which the program may look for.
  /// - Throws: `FileError`.
  package init?(_ path: String) throws {
    do {
      guard let pieces = try Self.pieces(of: ElfReader(path)) else { return nil }
      self.pieces = pieces
    } catch is ElfError {
      return nil
    }
  }

  private static func pieces(of reader: ElfReader) throws -> [FilePiece]? {
    guard reader.machine.is64Bit, reader.machine.isLittleEndian else { return nil }
    var header = try reader.bytes(at: 0, count: Ehdr.size)
    let table = reader.number(header, Ehdr.shoff, width: 8)
    let count = Int(reader.number(header, Ehdr.shnum, width: 2))
    guard count > 0, reader.number(header, Ehdr.shentsize, width: 2) == Shdr.size else { return nil }
    var entries = try reader.bytes(at: table, count: count * Shdr.size)
    let names = Int(reader.number(header, Ehdr.shstrndx, width: 2))
    let sections = try sections(entries, count, names: names, reader)
    let dropped = sections.filter(\.isDebugInformation)
    guard !dropped.isEmpty else { return nil }

    // What is loaded stays where it is; what lies behind it moves up.
    let segments = try ElfHeader(reader).segments
    let programHeaders = reader.number(header, Ehdr.phoff, width: 8)
      .addingReportingOverflow(UInt64(segments.count) * programHeaderSize)
    let ends = segments.map { $0.offset.addingReportingOverflow($0.size) } + [programHeaders]
    guard !ends.contains(where: \.overflow),
      let start = (ends.map(\.partialValue) + sections.filter(\.isLoaded).map(\.end) + [UInt64(Ehdr.size)]).max()
    else { return nil }
    let tail = sections.filter { !$0.isLoaded && $0.end > 0 }.sorted { $0.offset < $1.offset }
    guard start <= table, tail.allSatisfy({ $0.offset >= start }), start <= reader.size,
      max(tail.map(\.end).max() ?? 0, table + UInt64(entries.count)) == reader.size,
      // Sections that lie over each other would make it longer.
      zip(tail, tail.dropFirst()).allSatisfy({ $0.end <= $1.offset })
    else { return nil }

    var pieces: [FilePiece] = []
    var position = start
    func pad(to alignment: UInt64) {
      let padding = alignment > 1 ? (alignment - position % alignment) % alignment : 0
      guard padding > 0 else { return }
      pieces.append(.bytes([UInt8](repeating: 0, count: Int(padding))))
      position += padding
    }
    for section in tail where !section.isDebugInformation {
      guard section.alignment <= 4096 else { return nil }
      pad(to: section.alignment)
      store(position, in: &entries, at: section.index * Shdr.size + Shdr.offset)
      pieces.append(.range(offset: Int64(section.offset), count: Int64(section.size)))
      position += section.size
    }
    for section in dropped {
      for byte in section.index * Shdr.size..<(section.index + 1) * Shdr.size { entries[byte] = 0 }
    }
    pad(to: 8)
    store(position, in: &header, at: Ehdr.shoff)
    let whole = FilePiece.range(offset: Int64(Ehdr.size), count: Int64(start) - Int64(Ehdr.size))
    return [.bytes(header), whole] + pieces + [.bytes(entries)]
  }

  private static func sections(_ table: [UInt8], _ count: Int, names: Int, _ reader: ElfReader) throws -> [Section] {
    func field(_ index: Int, _ offset: Int, _ width: Int) -> UInt64 {
      reader.number(table, index * Shdr.size + offset, width: width)
    }
    return try (0..<count).map { index in
      let (offset, size) = (field(index, Shdr.offset, 8), field(index, Shdr.sizeField, 8))
      let end = offset.addingReportingOverflow(size)
      let type = field(index, Shdr.type, 4)
      guard type == SHT.nobits || !end.overflow && end.partialValue <= reader.size else {
        throw reader.malformed("section \(index) ends after the file")
      }
      let name = field(names, Shdr.offset, 8).addingReportingOverflow(field(index, Shdr.name, 4))
      guard !name.overflow else { throw reader.malformed("the name of section \(index) is not in the file") }
      return Section(
        index: index, name: try reader.text(at: name.partialValue), type: type, flags: field(index, Shdr.flags, 8),
        offset: offset, size: size, alignment: field(index, Shdr.addralign, 8))
    }
  }

  private static func store(_ value: UInt64, in bytes: inout [UInt8], at offset: Int) {
    for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
  }
}
