/// The file header and the program headers of an ELF file.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html
struct ElfHeader {
  struct Segment: Equatable {
    let type: UInt64
    let offset: UInt64
    let address: UInt64
    let size: UInt64
  }

  /// The header's `e_type`.
  let type: UInt64
  let segments: [Segment]

  init(_ reader: ElfReader) throws {
    let wide = reader.machine.is64Bit
    let header = try reader.bytes(at: 0, count: wide ? 64 : 52)
    type = reader.number(header, 16, width: 2)
    let version = reader.number(header, 20, width: 4)
    guard version == EV.current else { throw reader.malformed("ELF version \(version) instead of 1") }
    let start = reader.number(header, wide ? 32 : 28, width: wide ? 8 : 4)
    let entrySize = reader.number(header, wide ? 54 : 42, width: 2)
    let count = reader.number(header, wide ? 56 : 44, width: 2)
    guard count == 0 || entrySize == (wide ? 56 : 32) else {
      throw reader.malformed("program headers of \(entrySize) bytes")
    }
    // A program has about ten.
    guard count <= 1024 else { throw reader.malformed("\(count) program headers") }
    let table = try reader.bytes(at: start, count: Int(count * entrySize))
    segments = (0..<Int(count)).map { index in
      let base = index * Int(entrySize)
      return wide
        ? Segment(
          type: reader.number(table, base, width: 4), offset: reader.number(table, base + 8, width: 8),
          address: reader.number(table, base + 16, width: 8), size: reader.number(table, base + 32, width: 8))
        : Segment(
          type: reader.number(table, base, width: 4), offset: reader.number(table, base + 4, width: 4),
          address: reader.number(table, base + 8, width: 4), size: reader.number(table, base + 16, width: 4))
    }
  }

  var dynamic: Segment? { segments.first { $0.type == PT.dynamic } }
  var interpreter: Segment? { segments.first { $0.type == PT.interp } }

  /// The place in the file of what is loaded at this address.
  func offset(of address: UInt64) -> UInt64? {
    for segment in segments where segment.type == PT.load && address >= segment.address {
      let distance = address - segment.address
      guard distance < segment.size else { continue }
      let (offset, overflow) = segment.offset.addingReportingOverflow(distance)
      if !overflow { return offset }
    }
    return nil
  }
}

extension ElfFile {
  /// The end of the part of the file that is loaded, in bytes: debug information lies behind it.
  /// - Throws: `ElfError`, `FileError`.
  package func loadedEnd() throws -> Int64 {
    let ends = try ElfHeader(ElfReader(path)).segments.map { $0.offset.addingReportingOverflow($0.size).partialValue }
    return Int64(clamping: ends.max() ?? 0)
  }
}
