import SematicSystem

/// Which of the folders above a layer's entries the layer holds itself.
///
/// An entry of a layer replaces what the layers below have there: a folder `lib` the link to `usr/lib` of most bases, or
/// the mode of a folder that is not ours. Whoever unpacks a layer creates the folders that no layer has.
package enum ParentFolders: Hashable, Sendable {
  case all
  /// This one, and those in it.
  case beneath(String)

  /// Above a base image, nothing but our own folder may be touched.
  package static let onBase = ParentFolders.beneath("sematic")

  func include(_ path: String) -> Bool {
    switch self {
    case .all: true
    case .beneath(let top): path == top || path.hasPrefix(top + "/")
    }
  }
}

/// A recipe's entries in the order of the archive, checked, each once, with the folders above them.
struct LayerPlan {
  let entries: [LayerEntry]

  /// - Throws: `LayerError`.
  init(_ recipe: LayerRecipe, parents: ParentFolders) throws {
    var known: [PathKey: LayerEntry] = [:]
    known.reserveCapacity(recipe.entries.count * 2)
    for entry in recipe.entries {
      try Self.check(entry)
      let before = known.updateValue(entry, forKey: PathKey(entry.path))
      if let before, before != entry {
        throw LayerError.conflict(path: entry.path, first: before.summary, second: entry.summary)
      }
    }
    var folders: Set<PathKey> = []
    for entry in recipe.entries {
      var path = entry.path[...]
      while let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
        path = path[..<slash]
        let parent = String(path)
        let key = PathKey(parent)
        guard folders.insert(key).inserted else { break }
        if let above = known[key] {
          guard above.content == .directory else {
            throw LayerError.notAFolder(path: entry.path, above: parent, is: above.summary)
          }
        } else if parents.include(parent) {
          known[key] = LayerEntry(path: parent, content: .directory)
        }
      }
    }
    entries = known.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func check(_ entry: LayerEntry) throws {
    func refuse(_ reason: String) -> LayerError { .invalidPath(entry.path, reason: reason) }
    let path = entry.path.utf8
    // As nearly all are; the parts of thousands of paths take time.
    let isPlain =
      path.first.map { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") } ?? false
      && path.last != UInt8(ascii: "/") && strstr(entry.path, "//") == nil && strstr(entry.path, "/.") == nil
      && strlen(entry.path) == path.count
    if isPlain, case .file = entry.content { return }
    if path.isEmpty { throw refuse("its path is empty") }
    if path.contains(0) { throw refuse("its path holds a zero byte") }
    if path.first == UInt8(ascii: "/") { throw refuse("its path starts with a slash") }
    for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if part.isEmpty { throw refuse("its path has an empty part") }
      if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
        throw refuse("its path has a part '\(String(part) ?? "")'")
      }
      // https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts
      if part.starts(with: ".wh.".utf8) {
        throw refuse("names that start with .wh. would delete files of the layers below")
      }
    }
    if case .symbolicLink(let destination) = entry.content, destination.isEmpty || destination.utf8.contains(0) {
      throw refuse("the destination of the link is empty or holds a zero byte")
    }
  }
}

extension LayerEntry {
  /// For messages.
  fileprivate var summary: String {
    let mode = mode.map { " with mode 0\(String($0, radix: 8))" } ?? ""
    return switch content {
    case .directory: "a folder" + mode
    case .file(let path), .stripped(let path): "the file \(path)" + mode
    case .bytes(let bytes): "a file of \(bytes.count) bytes" + mode
    case .symbolicLink(let destination): "a link to \(destination)"
    }
  }
}
