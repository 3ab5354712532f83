import CSematic
import SematicFiles

/// Cuts what would be one large layer into several, so that they travel in parallel, and a cut connection or a changed
/// file costs one of them.
///
/// Files stay in the order of their paths, and a group that is too large is cut where the path with the highest checksum
/// begins, among those in its middle half. So a place depends on the paths around it alone: a file that is added,
/// removed or changed moves files of its own layer, not those of all that follow, as cuts at fixed sizes would.
struct LayerSplit {
  static let defaultLimit: Int64 = 512_000_000
  /// Docker stops at 125, with those of the base.
  static let mostLayers = 120

  /// Of the files of a layer, in bytes. A larger file has a layer of its own.
  let limit: Int64

  private struct Item {
    /// In the recipe's entries.
    let index: Int
    let size: Int64
  }

  /// Cut at `limit`, or at twice, four times... that, until there are not too many layers.
  static func parts(of layers: [LayerRecipe], limit: Int64, above baseLayers: Int) -> [LayerRecipe] {
    var limit = max(1, limit)
    while true {
      let parts = layers.flatMap { LayerSplit(limit: limit).parts(of: $0) }
      if parts.count == layers.count || parts.count + baseLayers <= mostLayers { return parts }
      limit = limit > .max / 2 ? .max : limit * 2
    }
  }

  func parts(of recipe: LayerRecipe) -> [LayerRecipe] {
    // Thousands of small files, never large together.
    guard recipe.kind != .system else { return [recipe] }
    var folders: [String: Int] = [:]
    for (index, entry) in recipe.entries.enumerated() where entry.content == .directory { folders[entry.path] = index }
    var filled: Set<Int> = []
    for entry in recipe.entries {
      var path = FileTree.parent(of: entry.path)
      while let folder = folders[path], filled.insert(folder).inserted { path = FileTree.parent(of: path) }
    }
    let items = recipe.entries.indices.filter { !filled.contains($0) }
      .map { Item(index: $0, size: recipe.entries[$0].size ?? 0) }
    guard items.count > 1, items.reduce(0, { $0 + $1.size }) > limit else { return [recipe] }

    let large = items.filter { $0.size > limit }.map { [$0] }
    let others = items.filter { $0.size <= limit }
    return (groups(others[...], of: recipe) + large).map { group in
      var indices = Set(group.map(\.index))
      for item in group {
        var path = FileTree.parent(of: recipe.entries[item.index].path)
        while let folder = folders[path], indices.insert(folder).inserted { path = FileTree.parent(of: path) }
      }
      return LayerRecipe(kind: recipe.kind, entries: indices.sorted().map { recipe.entries[$0] })
    }
  }

  private func groups(_ items: ArraySlice<Item>, of recipe: LayerRecipe) -> [[Item]] {
    let total = items.reduce(0) { $0 + $1.size }
    guard total > limit, items.count > 1 else { return items.isEmpty ? [] : [Array(items)] }
    var best: (checksum: UInt32, index: Int)?
    var nearest: (distance: Int64, index: Int)?
    var before: Int64 = 0
    for index in items.indices.dropFirst() {
      before += items[index - 1].size
      let distance = abs(before - total / 2)
      if nearest.map({ distance < $0.distance }) ?? true { nearest = (distance, index) }
      guard distance <= total / 4 else { continue }
      let checksum = Self.checksum(of: recipe.entries[items[index].index].path)
      if best.map({ checksum > $0.checksum }) ?? true { best = (checksum, index) }
    }
    guard let cut = best?.index ?? nearest?.index else { return [Array(items)] }
    return groups(items[..<cut], of: recipe) + groups(items[cut...], of: recipe)
  }

  private static func checksum(of path: String) -> UInt32 {
    var path = path
    return path.withUTF8 { cl_crc32(0, $0.baseAddress, $0.count) }
  }
}
