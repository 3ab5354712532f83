/// The dynamic section of an ELF file: what it needs to be loaded.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html
struct ElfDynamicSection {
  private(set) var needed: [String] = []
  private(set) var soname: String?
  private(set) var runpath: String?
  private(set) var rpath: String?
  private(set) var versionNeeds: [ElfFile.VersionNeed] = []
  private(set) var versionDefinitions: [String] = []
  /// Where the file has the entries of RPATH and RUNPATH, and their texts, by tag.
  private(set) var places: [UInt64: (entry: UInt64, text: UInt64)] = [:]
  /// `DT_FLAGS_1`.
  private(set) var flags: UInt64 = 0

  private let reader: ElfReader
  private let header: ElfHeader

  init(_ reader: ElfReader, header: ElfHeader, segment: ElfHeader.Segment) throws {
    self.reader = reader
    self.header = header
    let width = reader.machine.is64Bit ? 8 : 4
    // A library has about 40 entries; one that needs many libraries, some hundreds.
    guard segment.size <= 256 << 10 else { throw reader.malformed("a dynamic section of \(segment.size) bytes") }
    let bytes = try reader.bytes(at: segment.offset, count: Int(segment.size))
    var entries: [(tag: UInt64, value: UInt64)] = []
    var offset = 0
    while offset + 2 * width <= bytes.count {
      let tag = reader.number(bytes, offset, width: width)
      guard tag != DT.null else { break }
      entries.append((tag, reader.number(bytes, offset + width, width: width)))
      offset += 2 * width
    }
    func value(_ tag: UInt64) -> UInt64? { entries.last { $0.tag == tag }?.value }

    flags = value(DT.flags1) ?? 0
    guard let names = value(DT.strtab).flatMap(header.offset(of:)) else {
      guard !entries.contains(where: { [DT.needed, DT.soname, DT.rpath, DT.runpath].contains($0.tag) }) else {
        throw reader.malformed("its dynamic section has no table of names")
      }
      return
    }
    func name(_ index: UInt64) throws -> String {
      let (offset, overflow) = names.addingReportingOverflow(index)
      guard !overflow else { throw reader.malformed("a name at \(index)") }
      return try reader.text(at: offset)
    }
    let libraries = entries.filter { $0.tag == DT.needed }
    guard libraries.count <= 1024 else { throw reader.malformed("it needs \(libraries.count) libraries") }
    needed = try libraries.map { try name($0.value) }
    soname = try value(DT.soname).map(name)
    rpath = try value(DT.rpath).map(name)
    runpath = try value(DT.runpath).map(name)
    for (index, entry) in entries.enumerated() where [DT.rpath, DT.runpath].contains(entry.tag) {
      places[entry.tag] = (segment.offset &+ UInt64(index * 2 * width), names &+ entry.value)
    }
    if let address = value(DT.verneed), let count = value(DT.verneednum) {
      versionNeeds = try versions(at: address, count: count, name: name)
    }
    if let address = value(DT.verdef), let count = value(DT.verdefnum) {
      versionDefinitions = try definitions(at: address, count: count, name: name)
    }
  }

  /// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html#SYMVERDEFS
  private func definitions(at address: UInt64, count: UInt64, name: (UInt64) throws -> String) throws -> [String] {
    guard var place = header.offset(of: address) else { throw reader.malformed("version definitions at \(address)") }
    guard count <= 4096 else { throw reader.malformed("\(count) version definitions") }
    var versions: [String] = []
    for _ in 0..<count {
      let definition = try reader.bytes(at: place, count: 20)
      let auxiliary = try reader.bytes(at: place &+ reader.number(definition, 12, width: 4), count: 8)
      if reader.number(definition, 2, width: 2) & VerFlag.base == 0 {
        versions.append(try name(reader.number(auxiliary, 0, width: 4)))
      }
      let next = reader.number(definition, 16, width: 4)
      guard next > 0 else { break }
      place = place &+ next
    }
    return versions
  }

  /// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html#SYMVERRQMTS
  private func versions(
    at address: UInt64, count: UInt64, name: (UInt64) throws -> String
  ) throws -> [ElfFile.VersionNeed] {
    guard var place = header.offset(of: address) else { throw reader.malformed("version needs at \(address)") }
    guard count <= 1024 else { throw reader.malformed("version needs of \(count) libraries") }
    var versions: [ElfFile.VersionNeed] = []
    for _ in 0..<count {
      let need = try reader.bytes(at: place, count: 16)
      let library = try name(reader.number(need, 4, width: 4))
      // The reader has checked that 16 bytes follow `place`, and the distances have 32 bits: no sum overflows.
      var auxiliary = place &+ reader.number(need, 8, width: 4)
      for _ in 0..<reader.number(need, 2, width: 2) {
        guard versions.count < 4096 else { throw reader.malformed("more than 4096 version needs") }
        let entry = try reader.bytes(at: auxiliary, count: 16)
        versions.append(.init(library: library, version: try name(reader.number(entry, 8, width: 4))))
        let next = reader.number(entry, 12, width: 4)
        guard next > 0 else { break }
        auxiliary = auxiliary &+ next
      }
      let next = reader.number(need, 12, width: 4)
      guard next > 0 else { break }
      place = place &+ next
    }
    return versions
  }
}
