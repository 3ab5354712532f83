import SematicArchive

/// The tar headers of a layer: its files by path, and what it removes of the layers below.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md
package struct LayerListing: Equatable, Sendable {
  /// The entries by path, without the leading slash; "" is the root.
  private(set) var entries: [String: ListedFile] = [:]
  /// All folders of entries, whether they have an entry of their own or not.
  private(set) var folders: Set<String> = []
  /// The paths of the layers below that this layer removes.
  private(set) var removed: Set<String> = []
  /// The folders whose content in the layers below this layer removes.
  private(set) var opaque: Set<String> = []

  /// More than any real layer has.
  static let entryLimit = 1_000_000
  /// PATH_MAX of Linux.
  static let pathLimit = 4096
  /// Paths of a real layer's million files have 100 bytes each.
  static let namesLimit = 128 << 20
  /// Folders that no entry describes are few. Each is kept with its whole path, which a path that is a thousand folders
  /// deep makes expensive.
  static let impliedLimit = 16 << 20

  /// The bytes of the paths of all folders.
  private(set) var folderBytes = 0

  init() {}

  /// Reads a layer, uncompressed, gzip or zstd.
  /// - Throws: `ArchiveError`.
  package init(_ source: ByteSource) throws {
    var (position, nameBytes) = (0, 0)
    try TarReader.forEachEntry(in: source) { entry, _ in
      guard position < Self.entryLimit else { throw Self.refuse("it has more than \(Self.entryLimit) entries") }
      try add(entry, position: position)
      position += 1
      nameBytes += entry.path.utf8.count
      switch entry.kind {
      case .symbolicLink(let target), .hardLink(let target): nameBytes += target.utf8.count
      default: break
      }
      guard nameBytes <= Self.namesLimit else {
        throw Self.refuse("its names have more than \(Self.namesLimit >> 20) MiB")
      }
      guard folderBytes <= nameBytes + Self.impliedLimit else { throw Self.refuse("its folders lie too deep") }
    }
  }

  private mutating func add(_ entry: TarEntry, position: Int) throws {
    let path = try Self.path(entry.path)
    let (folder, name) = ImagePath.split(path)
    if name.hasPrefix(".wh.") {
      note(folder: folder)
      if name == ".wh..wh..opq" {
        opaque.insert(folder)
      } else if !name.hasPrefix(".wh..wh."), name != ".wh." {
        removed.insert(ImagePath.join(folder, String(name.dropFirst(4))))
      }
      return
    }
    let kind: ListedFile.Kind =
      switch entry.kind {
      case .file: .file
      case .directory: .directory
      case .symbolicLink(let target): .symbolicLink(target)
      case .hardLink(let target): .hardLink(try Self.path(target))
      case .other: .other
      }
    insert(
      ListedFile(
        kind, mode: entry.mode & 0o7777, owner: entry.owner, group: entry.group, size: entry.size, position: position),
      at: path)
  }

  mutating func insert(_ entry: ListedFile, at path: String) {
    entries[path] = entry
    if !path.isEmpty { note(folder: ImagePath.split(path).folder) }
  }

  mutating func remove(_ path: String) {
    removed.insert(path)
    note(folder: ImagePath.split(path).folder)
  }

  mutating func makeOpaque(_ folder: String) {
    opaque.insert(folder)
    note(folder: folder)
  }

  private mutating func note(folder: String) {
    var folder = folder
    while !folder.isEmpty, folders.insert(folder).inserted {
      folderBytes += folder.utf8.count
      folder = ImagePath.split(folder).folder
    }
  }

  /// Whether what the layers below have at this path cannot be seen.
  /// - Parameter steps: grows by what the answer takes.
  func hides(_ path: String, steps: inout Int) -> Bool {
    if removed.contains(path) || !path.isEmpty && opaque.contains("") { return true }
    // From the root on: what the layer has no folder for, it cannot hide.
    for slash in path.utf8.indices where path.utf8[slash] == UInt8(ascii: "/") {
      let folder = String(path[..<slash])
      steps += 1 + folder.utf8.count / 64
      if opaque.contains(folder) || removed.contains(folder) { return true }
      if let entry = entries[folder], entry.kind != .directory { return true }
      if !folders.contains(folder) { return false }
    }
    return false
  }

  /// A path in the archive, as a path below the root.
  private static func path(_ text: String) throws -> String {
    guard text.utf8.count <= pathLimit else { throw refuse("a path has more than \(pathLimit) bytes") }
    guard let path = ImagePath.normalized(text) else { throw refuse("'\(text)' leads out of the root") }
    return path
  }

  private static func refuse(_ reason: String) -> ArchiveError { ArchiveError("read the layer", reason: reason) }
}
