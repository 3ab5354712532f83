import SematicFiles

/// Where an ELF file's needs are looked for in an image: there, all libraries that come with it lie beside each other, and
/// this machine's toolchain is not.
///
/// The new text takes the place of the old one in the file, so it can be no longer than that.
package struct ImageSearchPath: Equatable, Sendable {
  private static let beside = "$ORIGIN"

  /// The new text; nil where the file's own stays.
  private let text: String?
  /// Whether the loader finds what lies beside the file.
  package let findsBeside: Bool

  package init(_ file: ElfFile) {
    let written = file.runpath.isEmpty ? file.rpath : file.runpath
    let room = written.joined(separator: ":").utf8.count
    var kept = written.filter { !Self.leadsToToolchain($0) }
    let isBeside = kept.contains { [Self.beside, "${ORIGIN}", "$ORIGIN/", "$ORIGIN/."].contains($0) }
    let longer = (kept + [Self.beside]).joined(separator: ":")
    let fits = !isBeside && longer.utf8.count <= room
    if fits { kept.append(Self.beside) }
    findsBeside = isBeside || fits
    text = kept == written ? nil : kept.joined(separator: ":")
  }

  /// A toolchain of this machine: a base may have another one in its place.
  private static func leadsToToolchain(_ folder: String) -> Bool {
    folder.hasPrefix("/") && (folder + "/").contains("/lib/swift/")
  }

  /// What to change in the file.
  ///
  /// A program's RUNPATH becomes an RPATH: that counts for what its libraries need, too, and the system's libraries name
  /// no folders of their own.
  /// - Throws: `ElfError`, `FileError`.
  package static func edits(of path: String, isProgram: Bool) throws -> [FileEdit] {
    let file = try ElfFile(path)
    let new = ImageSearchPath(file)
    let becomesRPATH = isProgram && !file.runpath.isEmpty && file.rpath.isEmpty
    guard new.text != nil || becomesRPATH else { return [] }
    let reader = try ElfReader(path)
    let header = try ElfHeader(reader)
    guard let segment = header.dynamic,
      let place = try ElfDynamicSection(reader, header: header, segment: segment).places[
        file.runpath.isEmpty ? DT.rpath : DT.runpath]
    else { return [] }
    var edits: [FileEdit] = []
    if let text = new.text {
      let old = try reader.text(at: place.text).utf8.count
      let bytes = Array(text.utf8)
      edits.append(
        FileEdit(
          offset: Int64(clamping: place.text), bytes: bytes + [UInt8](repeating: 0, count: max(0, old - bytes.count))))
    }
    if becomesRPATH {
      let width = reader.machine.is64Bit ? 8 : 4
      var tag = (0..<width).map { UInt8(truncatingIfNeeded: DT.rpath >> (8 * UInt64($0))) }
      if !reader.machine.isLittleEndian { tag.reverse() }
      edits.append(FileEdit(offset: Int64(clamping: place.entry), bytes: tag))
    }
    return edits
  }
}
