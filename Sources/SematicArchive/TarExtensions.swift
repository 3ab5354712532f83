/// The extensions of an entry's header, which come before it: pax records and GNU's long names.
///
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
struct TarExtensions {
  private(set) var count = 0
  private var path: String?
  private var linkPath: String?
  private var size: Int64?
  private var owner: Int64?
  private var group: Int64?
  private var modified: Int64?
  private var isSparse = false

  /// Whether there was one that must be followed by an entry.
  private(set) var isPresent = false

  mutating func add(_ bytes: [UInt8], flag: UInt8, at offset: Int64) throws {
    count += 1
    switch flag {
    case TarFormat.TypeFlag.gnuLongname: path = Self.text(bytes)
    case TarFormat.TypeFlag.gnuLonglink: linkPath = Self.text(bytes)
    // A global header is for all entries that follow: none that is in use says anything that we need.
    case TarFormat.TypeFlag.xgltype: return
    default: try addRecords(bytes, at: offset)
    }
    isPresent = true
  }

  func applied(to entry: TarEntry, at offset: Int64) throws -> TarEntry {
    var entry = entry
    path.map { entry.path = $0 }
    if let linkPath {
      if case .symbolicLink = entry.kind { entry.kind = .symbolicLink(linkPath) }
      if case .hardLink = entry.kind { entry.kind = .hardLink(linkPath) }
    }
    switch entry.kind {
    case .file: size.map { entry.size = $0 }
    case .other(let flag) where !TarFormat.TypeFlag.withoutContent.contains(flag): size.map { entry.size = $0 }
    default: break
    }
    owner.map { entry.owner = $0 }
    group.map { entry.group = $0 }
    modified.map { entry.modified = $0 }
    if isSparse, entry.kind == .file { entry.kind = .other(TarFormat.TypeFlag.gnuSparse) }
    // Before ustar, a folder was a file whose name ends with a slash.
    if entry.kind == .file, entry.path.hasSuffix("/") { entry.kind = .directory }
    while entry.path.hasSuffix("/"), entry.path != "/" { entry.path.removeLast() }
    guard !entry.path.utf8.contains(0), !entry.path.isEmpty else {
      throw ArchiveError("read the tar archive at \(offset)", reason: "an entry has no valid name")
    }
    return entry
  }

  /// `LENGTH KEY=VALUE\n`, again and again.
  private mutating func addRecords(_ bytes: [UInt8], at offset: Int64) throws {
    func refuse(_ reason: String) -> ArchiveError { ArchiveError("read the tar archive at \(offset)", reason: reason) }
    var rest = bytes[...]
    while !rest.isEmpty {
      // At most 7 digits: the whole header is no larger than that.
      guard let space = rest.prefix(8).firstIndex(of: UInt8(ascii: " ")),
        let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > space - rest.startIndex + 1,
        length <= rest.count
      else { throw refuse("a pax record has no valid length") }
      let end = rest.startIndex + length
      let record = rest[(space + 1)..<(end - 1)]
      guard rest[end - 1] == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
        throw refuse("a pax record is malformed")
      }
      let key = String(decoding: record[..<equals], as: UTF8.self)
      let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
      func number() throws -> Int64 {
        guard let number = Int64(value), number >= 0 else { throw refuse("its pax record \(key) is no valid number") }
        return number
      }
      switch key {
      case "path": path = value
      case "linkpath": linkPath = value
      case "size": size = try number()
      case "uid": owner = try number()
      case "gid": group = try number()
      case "mtime": modified = value.split(separator: ".").first.flatMap { Int64($0) }
      default: if key.hasPrefix("GNU.sparse.") { isSparse = true }
      }
      rest = rest[end...]
    }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}
