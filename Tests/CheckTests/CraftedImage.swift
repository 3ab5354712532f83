import Foundation
import SematicArchive
import SematicCheck
import SematicOCI

/// One entry of a crafted layer.
struct CraftedEntry {
  enum Kind { case file([UInt8]), directory, link(String), hardLink(String) }
  var path: String
  var kind: Kind
  var mode = 0o755
  var owner = 0
  var group = 0

  static func file(_ path: String, _ text: String = "", mode: Int = 0o644, owner: Int = 0) -> CraftedEntry {
    .init(path: path, kind: .file(Array(text.utf8)), mode: mode, owner: owner, group: owner)
  }
  static func program(_ path: String, _ bytes: [UInt8]) -> CraftedEntry { .init(path: path, kind: .file(bytes)) }
  static func folder(_ path: String, mode: Int = 0o755, owner: Int = 0, group: Int? = nil) -> CraftedEntry {
    .init(path: path, kind: .directory, mode: mode, owner: owner, group: group ?? owner)
  }
  static func link(_ path: String, _ target: String) -> CraftedEntry { .init(path: path, kind: .link(target)) }
  static func hardLink(_ path: String, _ target: String) -> CraftedEntry { .init(path: path, kind: .hardLink(target)) }
}

/// Layers of crafted entries, in memory, that count how often each is read.
final class CraftedImage {
  let descriptors: [Descriptor]
  let layers: [[UInt8]]
  private let contents: [Digest: [UInt8]]
  private(set) var reads: [Int] = []

  init(_ layers: [[CraftedEntry]]) throws {
    let bytes = try layers.map { try Self.tar($0) }
    self.layers = bytes
    descriptors = try bytes.map { try Descriptor(of: $0, mediaType: .layer) }
    contents = Dictionary(zip(descriptors.map(\.digest), bytes)) { first, _ in first }
  }

  init(layers bytes: [[UInt8]]) throws {
    layers = bytes
    descriptors = try bytes.map { try Descriptor(of: $0, mediaType: .layer) }
    contents = Dictionary(zip(descriptors.map(\.digest), bytes)) { first, _ in first }
  }

  func tree(cache: ListingCache? = nil, stepLimit: Int = ImageTree.stepLimit) throws -> ImageTree {
    try ImageTree(layers: descriptors, cache: cache, stepLimit: stepLimit) { descriptor in
      self.reads.append(self.descriptors.firstIndex(of: descriptor) ?? -1)
      return ByteSource(self.contents[descriptor.digest] ?? [])
    }
  }

  static func tar(_ entries: [CraftedEntry]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let writer = TarWriter { bytes.append(contentsOf: $0) }
    for entry in entries {
      let mode = UInt16(entry.mode)
      var content: [UInt8] = []
      var written: TarEntry
      switch entry.kind {
      case .file(let bytes):
        content = bytes
        written = .file(entry.path, size: Int64(content.count), mode: mode)
      case .directory: written = .directory(entry.path, mode: mode)
      case .link(let target): written = .symbolicLink(entry.path, to: target)
      case .hardLink(let target): written = TarEntry(path: entry.path, kind: .hardLink(target), mode: mode)
      }
      (written.owner, written.group) = (Int64(entry.owner), Int64(entry.group))
      try writer.add(written, content: content)
    }
    try writer.finish()
    return bytes
  }
}
