import SematicArchive
import SematicOCI
import SematicSystem

/// The files of an image, as a container finds them: its layers one above the other, read when they are needed.
///
/// A look-up goes from the top layer down, and ends at the layer that answers it. A layer's entry lies where its folder
/// lies, which may be a link of a layer below (`lib` -> `usr/lib`): for folders that a layer does not describe itself, the
/// layers below are read first.
package final class ImageTree {
  /// Lowest first.
  package let layers: [Descriptor]
  private let open: (Descriptor) throws -> ByteSource
  private let cache: ListingCache?
  private var listings: [Int: LayerListing] = [:]
  private var answers: [String: FoundFile?] = [:]
  /// The files that hard links name; nil where they name none, or themselves.
  private var hardLinks: [LayerPath: FoundFile?] = [:]
  /// The folders of hard links, with the links of the layers below followed.
  private var realFolders: [LayerPath: String] = [:]
  private var hardLinkDepth = 0
  private var steps = 0
  private let stepLimit: Int
  private var folderBytes = 0
  private var readings: [Int: Int] = [:]

  private struct LayerPath: Hashable {
    let layer: Int
    let path: String
  }

  /// Overlay file systems stop at 500.
  private static let layerLimit = 512
  private static let hardLinkLimit = 64
  /// A large image takes a million steps or two; this many take half a minute.
  package static let stepLimit = 20_000_000
  private static let folderLimit = 256 << 20
  private static let answerLimit = 200_000
  private static let readingLimit = 200

  /// - Parameters:
  ///   - cache: where listings are kept, so that a layer is read once.
  ///   - stepLimit: how long links and folders are followed.
  ///   - open: the bytes of a layer, checked; `UnreadableLayer` for one that is out of reach.
  package init(
    layers: [Descriptor], cache: ListingCache? = nil, stepLimit: Int = ImageTree.stepLimit,
    open: @escaping (Descriptor) throws -> ByteSource
  ) throws {
    guard layers.count <= Self.layerLimit else {
      throw MalformedValue(
        kind: "image", value: "\(layers.count) layers", expected: "at most \(Self.layerLimit), as runtimes mount them")
    }
    self.layers = layers
    self.cache = cache
    self.stepLimit = stepLimit
    self.open = open
  }

  /// The entry at a path in which no folder is a link; a link itself is not followed.
  /// - Throws: `ArchiveError`, `UnreadableLayer`, and what `open` throws.
  package func entry(at path: String) throws -> FoundFile? {
    if let known = answers[path] { return known }
    let found = try lookup(path, below: layers.count)
    if answers.count >= Self.answerLimit { answers = [:] }
    answers[path] = .some(found)
    return found
  }

  /// The names in a folder. Needs all layers.
  package func names(in folder: String) throws -> [String] {
    var names: Set<String> = []
    let prefix = folder.isEmpty ? "" : folder + "/"
    for index in layers.indices {
      let entries = try settled(index).entries
      try spend(entries.count / 16)
      for path in entries.keys where path.utf8.starts(with: prefix.utf8) {
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        names.insert(String(Substring(rest.prefix { $0 != UInt8(ascii: "/") })))
      }
    }
    names.remove("")
    return try names.filter { try entry(at: prefix + $0) != nil }.sorted()
  }

  /// Those of the names that a module in the image may have. Rather too many than too few: where Python looks for modules
  /// differs from image to image.
  package func modules(among names: Set<String>) throws -> Set<String> {
    var found: Set<String> = []
    for index in layers.indices {
      let listing = try settled(index)
      try spend(listing.entries.count / 16)
      for path in listing.folders.union(listing.entries.keys) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { continue }
        let name = path[path.utf8.index(after: slash)...]
        let stem = String(name.prefix { $0 != "." })
        guard names.contains(stem), !path.hasPrefix("usr/share/") else { continue }
        if name.count == stem.count || name.hasSuffix(".py") || name.hasSuffix(".so") { found.insert(stem) }
      }
    }
    return found
  }

  /// Hands over the contents of files, each layer being read once. The order is that of the layers.
  package func read(_ files: [FoundFile], _ body: (FoundFile, TarReader) throws -> Void) throws {
    for (layer, files) in Dictionary(grouping: files, by: \.layer).sorted(by: { $0.key < $1.key }) {
      let wanted = Dictionary(files.map { ($0.entry.position, $0) }) { first, _ in first }
      guard let last = wanted.keys.max(), last >= 0 else { continue }
      readings[layer, default: 0] += 1
      guard readings[layer, default: 0] <= Self.readingLimit else {
        throw ArchiveError(
          "read the image", reason: "its programs need more rounds of libraries than a loader would do")
      }
      let reader = try TarReader(open(layers[layer]))
      for position in 0...last {
        guard try reader.next() != nil else { break }
        if let file = wanted[position] { try body(file, reader) }
      }
    }
  }

  /// A whole small file.
  package func content(of file: FoundFile, limit: Int64 = 1 << 20) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try read([file]) { bytes = try $1.content(limit: limit) }
    return bytes
  }

  func lookup(_ path: String, below count: Int) throws -> FoundFile? {
    var isFolder = path.isEmpty
    for index in stride(from: count - 1, through: 0, by: -1) {
      try spend(1 + path.utf8.count / 64)
      let layer = try settled(index)
      if let entry = layer.entries[path] {
        guard case .hardLink(let target) = entry.kind else { return FoundFile(path: path, entry: entry, layer: index) }
        return try linked(LayerPath(layer: index, path: path), to: target)
      }
      isFolder = isFolder || layer.folders.contains(path)
      if layer.hides(path, steps: &steps) { break }
    }
    return isFolder ? FoundFile(path: path, entry: .folder, layer: 0) : nil
  }

  /// The file that a hard link names, looked for once.
  private func linked(_ link: LayerPath, to target: String) throws -> FoundFile? {
    if let known = hardLinks[link] { return known }
    // A link that leads to itself finds nothing.
    hardLinks[link] = .some(nil)
    hardLinkDepth += 1
    defer { hardLinkDepth -= 1 }
    guard hardLinkDepth <= Self.hardLinkLimit else { throw Self.endless }
    let found = try lookup(real(target, below: link.layer), below: link.layer + 1)
      .map { FoundFile(path: link.path, entry: $0.entry, layer: $0.layer) }
    hardLinks[link] = .some(found)
    return found
  }

  /// Where a path of the archive is, once the links of the layers below are followed in its folder.
  private func real(_ path: String, below count: Int) throws -> String {
    let (folder, name) = ImagePath.split(path)
    guard !folder.isEmpty else { return name }
    let key = LayerPath(layer: count, path: folder)
    let known = try realFolders[key] ?? resolve(folder, below: count).path
    realFolders[key] = known
    return ImagePath.join(known, name)
  }

  func spend(_ count: Int) throws {
    steps += count
    guard steps <= stepLimit else { throw Self.endless }
  }

  private static var endless: ArchiveError {
    ArchiveError("read the image", reason: "its links and folders take too long to follow")
  }

  /// A layer with its entries where they are in the image.
  private func settled(_ index: Int) throws -> LayerListing {
    if let known = listings[index] { return known }
    let listing = try listing(index)
    folderBytes += listing.folderBytes
    guard folderBytes <= Self.folderLimit else { throw Self.endless }
    var places: [String: String] = [:]
    var isMoved = false
    for folder in listing.folders.sorted(by: { $0.utf8.count < $1.utf8.count }) {
      let (parent, name) = ImagePath.split(folder)
      let place = ImagePath.join(places[parent] ?? parent, name)
      var real = place
      switch listing.entries[folder]?.kind {
      case .symbolicLink(let target):
        let start = ImagePath.isAbsolute(target) ? target : ImagePath.join(places[parent] ?? parent, target)
        real = try resolve(start, below: index).path
      case nil:
        if case .symbolicLink = try lookup(place, below: index)?.entry.kind {
          real = try resolve(place, below: index).path
        }
      default: break
      }
      if real != folder {
        places[folder] = real
        isMoved = true
      }
    }
    let result = isMoved ? Self.moved(listing, places) : listing
    listings[index] = result
    return result
  }

  private static func moved(_ listing: LayerListing, _ places: [String: String]) -> LayerListing {
    func place(_ path: String) -> String {
      let (folder, name) = ImagePath.split(path)
      return ImagePath.join(places[folder] ?? folder, name)
    }
    var result = LayerListing()
    // What lies there by its own path, and what came there by a link: the archive's last entry counts.
    for (path, entry) in listing.entries.sorted(by: { $0.value.position < $1.value.position }) {
      result.insert(entry, at: place(path))
    }
    for path in listing.removed { result.remove(place(path)) }
    for path in listing.opaque { result.makeOpaque(places[path] ?? path) }
    return result
  }

  private func listing(_ index: Int) throws -> LayerListing {
    let digest = layers[index].digest
    if let known = cache?.listing(of: digest) { return known }
    let listing = try LayerListing(try open(layers[index]))
    try cache?.store(listing, of: digest)
    return listing
  }
}

/// A layer that is out of reach, without anything being wrong with it.
package struct UnreadableLayer: ExplainedError, Equatable, Sendable {
  package let digest: Digest
  package let reason: String

  package init(digest: Digest, reason: String) {
    self.digest = digest
    self.reason = reason
  }

  package var description: String { "the layer \(digest.short) cannot be read: \(reason)" }

  package var hint: String? { nil }
}

/// Something in an image, with the layer that says what it is.
package struct FoundFile: Equatable, Sendable {
  /// Without the leading slash, and without any link in it.
  package let path: String
  package let entry: ListedFile
  let layer: Int
}
