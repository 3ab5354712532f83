import SematicFiles

/// Makes small ELF files with just the parts that say what a program needs, of any processor.
package struct CraftedElf {
  package var machine: UInt16 = 62
  package var is64Bit = true
  package var isLittleEndian = true
  /// 3: a shared object.
  package var type: UInt16 = 3
  package var interpreter: String?
  package var needed: [String] = []
  package var soname: String?
  package var runpath: String?
  package var rpath: String?
  package var versionNeeds: [(library: String, versions: [String])] = []
  package var versionDefinitions: [String] = []
  /// The text of a note about what is loaded at run time: https://systemd.io/ELF_DLOPEN_METADATA/
  package var loadingNote: String?
  /// The value of DT_FLAGS_1.
  package var flags = 0

  package init(
    machine: UInt16 = 62, is64Bit: Bool = true, isLittleEndian: Bool = true, type: UInt16 = 3,
    interpreter: String? = nil, needed: [String] = [], soname: String? = nil, runpath: String? = nil,
    rpath: String? = nil, versionNeeds: [(library: String, versions: [String])] = [], versionDefinitions: [String] = [],
    loadingNote: String? = nil
  ) {
    self.machine = machine
    self.is64Bit = is64Bit
    self.isLittleEndian = isLittleEndian
    self.type = type
    self.interpreter = interpreter
    self.needed = needed
    self.soname = soname
    self.runpath = runpath
    self.rpath = rpath
    self.versionNeeds = versionNeeds
    self.versionDefinitions = versionDefinitions
    self.loadingNote = loadingNote
  }

  package static let amd64 = CraftedElf()
  package static let arm64 = CraftedElf(machine: 183)

  package static func program(_ needed: [String], runpath: String? = nil, rpath: String? = nil) -> CraftedElf {
    CraftedElf(interpreter: "/lib64/ld-linux-x86-64.so.2", needed: needed, runpath: runpath, rpath: rpath)
  }

  package static func library(_ needed: [String] = [], runpath: String? = nil, rpath: String? = nil) -> CraftedElf {
    CraftedElf(needed: needed, runpath: runpath, rpath: rpath)
  }

  package static let curlNote = """
    [{"feature":"https","description":"x","priority":"recommended","soname":["libcurl.so.4","libcurl-gnutls.so.4"]}]
    """

  /// Everything is loaded where the loader would put the file's first byte at this address.
  private static let address = 0x1_0000

  package var bytes: [UInt8] {
    var names: [UInt8] = [0]
    func name(_ text: String) -> Int {
      names += Array(text.utf8) + [0]
      return names.count - 1 - text.utf8.count
    }
    var entries: [(Int, Int)] = needed.map { (1, name($0)) }
    if let soname { entries.append((14, name(soname))) }
    if let rpath { entries.append((15, name(rpath))) }
    if let runpath { entries.append((29, name(runpath))) }
    if flags != 0 { entries.append((0x6fff_fffb, flags)) }
    var needs: [UInt8] = []
    for (index, need) in versionNeeds.enumerated() {
      let size = 16 + 16 * need.versions.count
      needs += number(1, 2) + number(need.versions.count, 2) + number(name(need.library), 4) + number(16, 4)
      needs += number(index + 1 < versionNeeds.count ? size : 0, 4)
      for (index, version) in need.versions.enumerated() {
        needs += number(0, 8) + number(name(version), 4) + number(index + 1 < need.versions.count ? 16 : 0, 4)
      }
    }
    var definitions: [UInt8] = []
    for (index, version) in versionDefinitions.enumerated() {
      let isLast = index + 1 == versionDefinitions.count
      definitions += number(1, 2) + number(0, 2) + number(index + 2, 2) + number(1, 2) + number(0, 4)
      definitions += number(20, 4) + number(isLast ? 0 : 28, 4) + number(name(version), 4) + number(0, 4)
    }
    let isDynamic = !entries.isEmpty || !versionNeeds.isEmpty || !versionDefinitions.isEmpty
    let width = is64Bit ? 8 : 4
    let (headerSize, entrySize) = is64Bit ? (64, 56) : (52, 32)
    let segmentCount = 1 + (interpreter == nil ? 0 : 1) + (isDynamic ? 1 : 0) + (loadingNote == nil ? 0 : 1)
    var body: [UInt8] = []
    let bodyStart = headerSize + segmentCount * entrySize
    func place(_ bytes: [UInt8]) -> Int {
      body += bytes
      return bodyStart + body.count - bytes.count
    }
    var segments: [(type: Int, offset: Int, size: Int)] = []
    if let interpreter {
      segments.append((3, place(Array(interpreter.utf8) + [0]), interpreter.utf8.count + 1))
    }
    if isDynamic {
      entries.append((5, Self.address + place(names)))
      entries.append((10, names.count))
      if !needs.isEmpty {
        entries.append((0x6fff_fffe, Self.address + place(needs)))
        entries.append((0x6fff_ffff, versionNeeds.count))
      }
      if !definitions.isEmpty {
        entries.append((0x6fff_fffc, Self.address + place(definitions)))
        entries.append((0x6fff_fffd, versionDefinitions.count))
      }
      let dynamic = (entries + [(0, 0)]).flatMap { number($0.0, width) + number($0.1, width) }
      segments.append((2, place(dynamic), dynamic.count))
    }
    if let loadingNote {
      // After a note of another kind, as a linker puts them together.
      let content = Array(loadingNote.utf8) + [0]
      let others = number(4, 4) + number(1, 4) + number(1, 4) + Array("GNU\0".utf8) + [7, 0, 0, 0]
      let head = number(4, 4) + number(content.count, 4) + number(0x407c_0c0a, 4) + Array("FDO\0".utf8)
      let note = others + head + content + [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
      segments.append((4, place(note), note.count))
    }
    segments.insert((1, 0, bodyStart + body.count), at: 0)

    var file: [UInt8] =
      [0x7f, 0x45, 0x4c, 0x46, is64Bit ? 2 : 1, isLittleEndian ? 1 : 2, 1] + [UInt8](repeating: 0, count: 9)
    file += number(Int(type), 2) + number(Int(machine), 2) + number(1, 4) + number(0, width)
    file += number(headerSize, width) + number(0, width) + number(0, 4) + number(headerSize, 2)
    file += number(entrySize, 2) + number(segmentCount, 2) + number(0, 6)
    for segment in segments {
      let place = number(segment.offset, width) + number(Self.address + segment.offset, width) + number(0, width)
      let sizes = number(segment.size, width) + number(segment.size, width)
      file += number(segment.type, 4)
      file += is64Bit ? number(4, 4) + place + sizes + number(8, 8) : place + sizes + number(4, 4) + number(4, 4)
    }
    return file + body
  }

  /// - Returns: the path.
  @discardableResult
  package func write(_ name: String, in folder: TemporaryFolder) throws -> String {
    try folder.write(name, bytes, mode: 0o755)
  }

  private func number(_ value: Int, _ width: Int) -> [UInt8] {
    let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isLittleEndian ? little : little.reversed()
  }
}
