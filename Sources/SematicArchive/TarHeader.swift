/// The blocks that stand before an entry's content in a tar archive.
///
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html: ustar where it can hold the entry, else a pax
/// header before it. Times and the names of users and groups are not written: they would make equal content differ.
struct TarHeader {
  private(set) var bytes: [UInt8] = []

  /// - Throws: `ArchiveError` for a name that no archive can hold.
  init(_ entry: TarEntry) throws {
    let (flag, link): (UInt8, String) =
      switch entry.kind {
      case .file: (TarFormat.TypeFlag.regtype, "")
      case .hardLink(let destination): (TarFormat.TypeFlag.lnktype, destination)
      case .symbolicLink(let destination): (TarFormat.TypeFlag.symtype, destination)
      case .directory: (TarFormat.TypeFlag.dirtype, "")
      case .other(let flag): (flag, "")
      }
    let path = Array((entry.kind == .directory ? entry.path + "/" : entry.path).utf8)
    let linkPath = Array(link.utf8)
    try Self.check(entry, path, linkPath)

    var records: [UInt8] = []
    var split = Self.split(path)
    if split == nil {
      records += Self.record("path", path)
      split = ([], Self.abbreviated(path))
    }
    var linkField = linkPath
    if linkPath.count > 100 || !Self.isPlain(linkPath) {
      records += Self.record("linkpath", linkPath)
      linkField = Self.abbreviated(linkPath)
    }
    /// The number if it fits into its field; else it goes into a record.
    func field(_ key: String, _ number: Int64, upTo largest: Int64) -> Int64 {
      if number <= largest { return number }
      records += Self.record(key, Array(String(number).utf8))
      return 0
    }
    let size = field("size", entry.size, upTo: TarFormat.largestSize)
    let owner = field("uid", entry.owner, upTo: TarFormat.largestOwner)
    let group = field("gid", entry.group, upTo: TarFormat.largestOwner)
    if !records.isEmpty {
      // A fixed name: other writers put their process id there, and with it a new digest into every archive.
      append(
        name: Array("PaxHeader/entry".utf8), mode: 0o644, size: Int64(records.count), flag: TarFormat.TypeFlag.xhdtype)
      bytes += records
      bytes += [UInt8](repeating: 0, count: TarFormat.padding(after: Int64(records.count)))
    }
    append(
      prefix: split?.prefix ?? [], name: split?.name ?? [], mode: entry.mode & 0o7777, owner: owner, group: group,
      size: size, flag: flag, link: linkField)
  }

  /// The sum of a header's bytes, with its checksum field taken as spaces.
  static func checksum(_ block: UnsafeRawBufferPointer) -> Int {
    // Eight bytes at a time, in lanes of 16 bits: a debug build is too slow for one at a time.
    let mask: UInt64 = 0x00FF_00FF_00FF_00FF
    var lanes: UInt64 = 0
    var offset = 0
    while offset < TarFormat.blockSize {
      let word = block.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      lanes &+= (word & mask) &+ ((word &>> 8) & mask)
      offset += 8
    }
    let field = block.loadUnaligned(fromByteOffset: TarFormat.Field.chksum.offset, as: UInt64.self)
    let stored = (field & mask) &+ ((field &>> 8) & mask)
    return sum(lanes) - sum(stored) + 8 * 32
  }

  private static func sum(_ lanes: UInt64) -> Int {
    Int(lanes & 0xFFFF) + Int(lanes >> 16 & 0xFFFF) + Int(lanes >> 32 & 0xFFFF) + Int(lanes >> 48)
  }

  private static func check(_ entry: TarEntry, _ path: [UInt8], _ link: [UInt8]) throws {
    func refuse(_ reason: String) -> ArchiveError {
      ArchiveError("write '\(entry.path)' to the tar archive", reason: reason)
    }
    if entry.path.isEmpty { throw refuse("its name is empty") }
    if path.contains(0) || link.contains(0) { throw refuse("its name holds a zero byte") }
    if min(entry.size, entry.owner, entry.group) < 0 { throw refuse("its size, owner or group is negative") }
    if entry.size > 0, entry.kind != .file { throw refuse("only a file has content") }
  }

  /// Names in the fields of ustar have no encoding: beyond ASCII they go into a pax header, which is UTF-8.
  private static func isPlain(_ name: [UInt8]) -> Bool { name.allSatisfy { $0 < 0x80 } }

  /// The last slash that leaves at most 155 bytes before it and 100 after it divides the two fields.
  private static func split(_ path: [UInt8]) -> (prefix: [UInt8], name: [UInt8])? {
    guard isPlain(path) else { return nil }
    if path.count <= 100 { return ([], path) }
    guard path.count <= 256 else { return nil }
    let candidates = path.dropLast().prefix(156)
    guard let slash = candidates.lastIndex(of: UInt8(ascii: "/")), slash > 0, path.count - slash - 1 <= 100 else {
      return nil
    }
    return (Array(path[..<slash]), Array(path[(slash + 1)...]))
  }

  /// The name for readers without pax: as much as fits, with `_` for each character beyond ASCII.
  private static func abbreviated(_ name: [UInt8]) -> [UInt8] {
    // A continuation byte (10xxxxxx) belongs to the character before it.
    var short = Array(name.lazy.filter { $0 & 0xC0 != 0x80 }.map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }.prefix(100))
    // With a slash at its end, a file would be taken for a folder.
    while short.last == UInt8(ascii: "/") { short.removeLast() }
    return short
  }

  /// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    var length = rest.count
    while length != rest.count + String(length).utf8.count { length = rest.count + String(length).utf8.count }
    return Array(String(length).utf8) + rest
  }

  private mutating func append(
    prefix: [UInt8] = [], name: [UInt8], mode: UInt16, owner: Int64 = 0, group: Int64 = 0, size: Int64, flag: UInt8,
    link: [UInt8] = []
  ) {
    var block = [UInt8](repeating: 0, count: TarFormat.blockSize)
    func put(_ value: some Collection<UInt8>, in field: TarFormat.Field) {
      block.replaceSubrange(field.offset..<(field.offset + value.count), with: value)
    }
    // A zero byte ends a number.
    func put(_ number: Int64, in field: TarFormat.Field) {
      let text = String(number, radix: 8)
      put((String(repeating: "0", count: max(0, field.length - 1 - text.count)) + text).utf8, in: field)
    }
    put(name, in: .name)
    put(Int64(mode), in: .mode)
    put(owner, in: .uid)
    put(group, in: .gid)
    put(size, in: .size)
    put(0, in: .mtime)
    put([flag], in: .typeflag)
    put(link, in: .linkname)
    put(TarFormat.magicAndVersion, in: .magic)
    put(0, in: .devmajor)
    put(0, in: .devminor)
    put(prefix, in: .prefix)
    // Six digits, a zero byte and a space.
    let sum = String(block.withUnsafeBytes { Self.checksum($0) }, radix: 8)
    put((String(repeating: "0", count: max(0, 6 - sum.count)) + sum + "\u{0} ").utf8, in: .chksum)
    bytes += block
  }
}
