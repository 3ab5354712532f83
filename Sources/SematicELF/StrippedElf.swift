import SematicFiles

/// An ELF file without its debug information, which is most of a program and changes with every line.
///
/// Names of functions stay (.symtab), so that backtraces name them. Sections keep their numbers, by which symbols name
/// theirs: what is left out becomes an unused entry of the table.
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html
package struct StrippedElf {
  package let pieces: [FilePiece]

  private struct Section {
    let index: Int
    let name: String
    let type: UInt64
    let flags: UInt64
    let offset: UInt64
    let size: UInt64
    let alignment: UInt64

    /// Read by debuggers alone.
    var isDebugInformation: Bool {
      flags & 2 == 0
        && [".debug_", ".zdebug_", ".rela.debug_", ".rel.debug_", ".gdb_index", ".swift_ast"]
          .contains { name.hasPrefix($0) }
    }

    /// SHT_NULL and SHT_NOBITS have nothing in the file.
    var end: UInt64 { type == 0 || type == 8 ? 0 : offset &+ size }
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
    var header = try reader.bytes(at: 0, count: 64)
    let table = reader.number(header, 40, width: 8)
    let count = Int(reader.number(header, 60, width: 2))
    guard count > 0, reader.number(header, 58, width: 2) == 64 else { return nil }
    var entries = try reader.bytes(at: table, count: count * 64)
    let sections = try sections(entries, count, names: Int(reader.number(header, 62, width: 2)), reader)
    let dropped = sections.filter(\.isDebugInformation)
    guard !dropped.isEmpty else { return nil }

    // What is loaded stays where it is; what lies behind it moves up.
    let segments = try ElfHeader(reader).segments
    let programHeaders = reader.number(header, 32, width: 8) &+ UInt64(segments.count * 56)
    let loaded = sections.filter { $0.flags & 2 != 0 }.map(\.end)
    guard let start = (segments.map { $0.offset &+ $0.size } + loaded + [programHeaders, 64]).max() else { return nil }
    let tail = sections.filter { $0.flags & 2 == 0 && $0.end > 0 }.sorted { $0.offset < $1.offset }
    guard start <= table, tail.allSatisfy({ $0.offset >= start }), start <= reader.size,
      max(tail.map(\.end).max() ?? 0, table &+ UInt64(count * 64)) == reader.size
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
      store(position, in: &entries, at: section.index * 64 + 24)
      pieces.append(.range(offset: Int64(section.offset), count: Int64(section.size)))
      position += section.size
    }
    for section in dropped {
      for byte in section.index * 64..<(section.index + 1) * 64 { entries[byte] = 0 }
    }
    pad(to: 8)
    store(position, in: &header, at: 40)
    let whole = FilePiece.range(offset: 64, count: Int64(start - 64))
    return [.bytes(header), whole] + pieces + [.bytes(entries)]
  }

  private static func sections(_ table: [UInt8], _ count: Int, names: Int, _ reader: ElfReader) throws -> [Section] {
    func field(_ index: Int, _ offset: Int, _ width: Int) -> UInt64 {
      reader.number(table, index * 64 + offset, width: width)
    }
    return try (0..<count).map { index in
      let end = field(index, 24, 8).addingReportingOverflow(field(index, 32, 8))
      guard field(index, 4, 4) == 8 || !end.overflow && end.partialValue <= reader.size else {
        throw reader.malformed("section \(index) ends behind it")
      }
      return Section(
        index: index, name: try reader.text(at: field(names, 24, 8) &+ field(index, 0, 4)), type: field(index, 4, 4),
        flags: field(index, 8, 8), offset: field(index, 24, 8), size: field(index, 32, 8),
        alignment: field(index, 48, 8))
    }
  }

  private static func store(_ value: UInt64, in bytes: inout [UInt8], at offset: Int) {
    for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
  }
}
