import SematicFiles
import SematicOCI
import SematicSystem

/// Listings of layers on this machine's disk, by the layer's digest: a layer is read once, whatever is asked of it.
package struct ListingCache: Sendable {
  package let folder: String

  /// - Parameter folder: it need not exist yet.
  package init(_ folder: String) { self.folder = folder }

  private static let header = "layer listing 1"
  private static let sizeLimit: Int64 = 512 << 20

  /// Nil when there is none, or none that can be read: then the layer is read again.
  func listing(of digest: Digest) -> LayerListing? {
    guard let bytes = try? FileTree.read(path(of: digest), limit: Self.sizeLimit) else { return nil }
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)[...]
    guard lines.popFirst() == Self.header, lines.popLast() == "" else { return nil }
    var listing = LayerListing()
    for line in lines {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 3 else { return nil }
      switch fields[0] {
      case "w": listing.remove(fields[1])
      case "o": listing.makeOpaque(fields[1])
      default:
        guard let entry = Self.entry(fields[0], link: fields[2]) else { return nil }
        listing.insert(entry, at: fields[1])
      }
    }
    return listing
  }

  func store(_ listing: LayerListing, of digest: Digest) throws {
    var lines = [Self.header]
    for (path, entry) in listing.entries {
      let rest = "\(entry.mode) \(entry.owner) \(entry.group) \(entry.size) \(entry.position)\t\(path)\t"
      switch entry.kind {
      case .file: lines.append("f " + rest)
      case .directory: lines.append("d " + rest)
      case .other: lines.append("x " + rest)
      case .symbolicLink(let target): lines.append("l " + rest + target)
      case .hardLink(let target): lines.append("h " + rest + target)
      }
    }
    lines += listing.removed.map { "w\t\($0)\t" } + listing.opaque.map { "o\t\($0)\t" }
    // With these characters in a name, a listing could be read as another one: it is not kept.
    let separators = lines.reduce(0) { $0 + $1.utf8.count { $0 == 9 || $0 == 10 } }
    guard separators == 2 * (lines.count - 1) else { return }
    try AtomicFile.write((lines.joined(separator: "\n") + "\n").utf8, to: path(of: digest))
  }

  private func path(of digest: Digest) -> String { "\(folder)/\(digest.algorithm.rawValue)/\(digest.hex)" }

  private static func entry(_ head: String, link: String) -> ListedFile? {
    let parts = head.split(separator: " ")
    guard parts.count == 6, let mode = UInt16(parts[1]), let owner = Int64(parts[2]), let group = Int64(parts[3]),
      let size = Int64(parts[4]), let position = Int(parts[5])
    else { return nil }
    let kind: ListedFile.Kind? =
      switch parts[0] {
      case "f": .file
      case "d": .directory
      case "x": .other
      case "l": .symbolicLink(link)
      case "h": .hardLink(link)
      default: nil
      }
    return kind.map { .init($0, mode: mode, owner: owner, group: group, size: size, position: position) }
  }
}
