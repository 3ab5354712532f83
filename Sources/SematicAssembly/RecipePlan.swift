import SematicFiles

/// Collects what goes where in an image, so that nothing overwrites anything, and parts it into layers.
struct RecipePlan {
  private struct Placed {
    let entry: LayerEntry
    let kind: LayerRecipe.Kind
    /// For the user: "the data config.json".
    let owner: String
  }

  private var placed: [PathKey: Placed] = [:]

  func holds(_ path: String) -> Bool { owner(of: path) != nil }

  func owner(of path: String) -> String? { placed[PathKey(path)]?.owner }

  /// Two folders at one place are one; it keeps the first one's mode.
  mutating func add(_ entry: LayerEntry, to kind: LayerRecipe.Kind, owner: String) throws {
    for part in entry.path.split(separator: "/") where part.hasPrefix(".wh.") {
      let problem = "a name that begins with .wh. deletes files in a layer"
      throw RecipeError(.place(path: "/" + entry.path, item: owner, problem: problem))
    }
    let key = PathKey(entry.path)
    if let present = placed[key] {
      if present.entry.content == .directory && entry.content == .directory { return }
      throw RecipeError(.collision(path: entry.path, first: present.owner, second: owner))
    }
    placed[key] = Placed(entry: entry, kind: kind, owner: owner)
  }

  mutating func add(_ entries: [LayerEntry], to kind: LayerRecipe.Kind, owner: String) throws {
    for entry in entries { try add(entry, to: kind, owner: owner) }
  }

  /// The layers that hold something, lowest first, each sorted by the bytes of the paths.
  ///
  /// Parents are named where the image is ours alone. In a base's folders they are not: an entry for a folder that the
  /// base has would replace its owner and mode, or a symbolic link such as /lib.
  /// - Throws: `RecipeError` when something lies below a file or link.
  func layers(namingAllParents: Bool) throws -> [LayerRecipe] {
    let kinds = Dictionary(grouping: placed, by: \.value.kind)
    return try LayerRecipe.Kind.allCases.compactMap { kind in
      var entries: [PathKey: LayerEntry] = [:]
      var filled: Set<PathKey> = []
      for (key, item) in kinds[kind] ?? [] {
        entries[key] = item.entry
        var parent = FileTree.parent(of: item.entry.path)
        while parent != "." && parent != "/" {
          let key = PathKey(parent)
          // Its own parents were seen with it.
          guard filled.insert(key).inserted else { break }
          if let present = placed[key] {
            guard present.entry.content == .directory else {
              throw RecipeError(.collision(path: parent, first: present.owner, second: "a folder for \(item.owner)"))
            }
            entries[key] = present.entry
          } else {
            entries[key] = LayerEntry(path: parent, content: .directory, mode: WorkerFolders.mode(of: parent))
          }
          parent = FileTree.parent(of: parent)
        }
      }
      if !namingAllParents {
        entries = entries.filter { key, entry in
          !filled.contains(key) || entry.content != .directory || Self.isOurs(entry.path)
        }
      }
      guard !entries.isEmpty else { return nil }
      return LayerRecipe(kind: kind, entries: entries.sorted { $0.key < $1.key }.map(\.value))
    }
  }

  private static func isOurs(_ path: String) -> Bool {
    path == WorkerFolders.root || path.hasPrefix(WorkerFolders.root + "/")
  }
}
