import FileSystem

/// Collects what goes where in an image, so that nothing overwrites anything, and parts it into layers.
struct RecipePlan {
  private struct Placed {
    let entry: LayerEntry
    let kind: LayerRecipe.Kind
    /// For the user: "the data config.json".
    let owner: String
  }

  /// By the bytes of the path: names that differ only in their Unicode form are two files.
  private var placed: [[UInt8]: Placed] = [:]

  func holds(_ path: String) -> Bool { owner(of: path) != nil }

  func owner(of path: String) -> String? { placed[Array(path.utf8)]?.owner }

  /// Two folders at one place are one; it keeps the first one's mode.
  mutating func add(_ entry: LayerEntry, to kind: LayerRecipe.Kind, owner: String) throws {
    for part in entry.path.split(separator: "/") where part.hasPrefix(".wh.") {
      let problem = "a name that begins with .wh. deletes files in a layer"
      throw RecipeError(.place(path: "/" + entry.path, item: owner, problem: problem))
    }
    let key = Array(entry.path.utf8)
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
    var layers: [LayerRecipe] = []
    for kind in LayerRecipe.Kind.allCases {
      var entries: [[UInt8]: LayerEntry] = [:]
      var filled: Set<[UInt8]> = []
      for (key, item) in placed where item.kind == kind {
        entries[key] = item.entry
        var parent = FileTree.parent(of: item.entry.path)
        while parent != "." && parent != "/" {
          let key = Array(parent.utf8)
          filled.insert(key)
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
      guard !entries.isEmpty else { continue }
      let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
      layers.append(LayerRecipe(kind: kind, entries: sorted))
    }
    return layers
  }

  private static func isOurs(_ path: String) -> Bool {
    path == WorkerFolders.root || path.hasPrefix(WorkerFolders.root + "/")
  }
}
