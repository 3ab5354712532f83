import SematicArchive

/// What a layer's tar headers say: its files by path, and what it removes of the layers below.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md
package struct LayerListing: Hashable, Sendable {
  /// By path, without the leading slash; "" is the root.
  private(set) var entries: [String: ListedFile] = [:]
  /// Everything that lies above an entry, whether it has one of its own or not.
  private(set) var folders: Set<String> = []
  /// Paths that are gone of the layers below.
  private(set) var removed: Set<String> = []
  /// Folders of which all is gone that the layers below have in them.
  private(set) var opaque: Set<String> = []

  /// More than any real layer has.
  static let entryLimit = 1_000_000
  /// PATH_MAX of Linux.
  static let pathLimit = 4096

  init() {}

  /// Reads a layer, uncompressed, gzip or zstd.
  /// - Throws: `ArchiveError`.
  package init(_ source: ByteSource) throws {
    var position = 0
    try TarReader.forEachEntry(in: source) { entry, _ in
      guard position < Self.entryLimit else { throw Self.refuse("it has more than \(Self.entryLimit) entries") }
      try add(entry, position: position)
      position += 1
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
    while !folder.isEmpty, folders.insert(folder).inserted { folder = ImagePath.split(folder).folder }
  }

  /// Whether what the layers below have at this path cannot be seen.
  func hides(_ path: String) -> Bool {
    if removed.contains(path) { return true }
    var folder = path
    while !folder.isEmpty {
      folder = ImagePath.split(folder).folder
      if opaque.contains(folder) || removed.contains(folder) { return true }
      if let entry = entries[folder], entry.kind != .directory { return true }
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
