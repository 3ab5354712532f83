import SematicArchive
import SematicSystem

/// Cuts what would be one large layer into several, so that they travel in parallel, and a cut connection or a changed
/// file costs one of them.
///
/// Files stay in the order of their paths, and a group that is too large is cut where the path with the highest checksum
/// begins, among those in its middle half. So a place depends on the paths around it alone: a file that is added,
/// removed or changed moves files of its own layer, not those of all that follow, as cuts at fixed sizes would.
struct LayerCut {
  typealias Content = (kind: LayerPlan.Kind, files: [PlannedFile])

  static let defaultLimit: Int64 = 512_000_000
  /// The limit for layers that cuts make, with the base's: some room below `ImagePlan.mostLayers`.
  static let mostLayers = 120

  /// The size of the files of a layer, in bytes. A larger file has a layer of its own.
  private let limit: Int64

  /// The files of each layer: cut at `limit`, or at twice, four times... that, until there are not too many layers.
  static func groups(of contents: [Content], limit: Int64, above baseLayers: Int) -> [Content] {
    var cut = LayerCut(limit: max(1, limit))
    while true {
      let groups = contents.flatMap { content in cut.groups(of: content).map { (content.kind, files: $0) } }
      if groups.count == contents.count || groups.count + baseLayers <= mostLayers { return groups }
      cut = LayerCut(limit: cut.limit > .max / 2 ? .max : cut.limit * 2)
    }
  }

  private func groups(of content: Content) -> [[PlannedFile]] {
    // Thousands of small files, never large together.
    guard content.kind != .timeZones, content.files.count > 1, size(content.files[...]) > limit else {
      return [content.files]
    }
    let large = content.files.filter { ($0.size ?? 0) > limit }.map { [$0] }
    return groups(content.files.filter { ($0.size ?? 0) <= limit }[...]) + large
  }

  private func groups(_ files: ArraySlice<PlannedFile>) -> [[PlannedFile]] {
    let total = size(files)
    guard total > limit, files.count > 1 else { return files.isEmpty ? [] : [Array(files)] }
    var best: (checksum: UInt32, index: Int)?
    var nearest: (distance: Int64, index: Int)?
    var before: Int64 = 0
    for index in files.indices.dropFirst() {
      before = before.addingClamped(files[index - 1].size ?? 0)
      let distance = abs(before - total / 2)
      if nearest.map({ distance < $0.distance }) ?? true { nearest = (distance, index) }
      guard distance <= total / 4 else { continue }
      let checksum = Zlib.crc32(of: files[index].path)
      if best.map({ checksum > $0.checksum }) ?? true { best = (checksum, index) }
    }
    guard let cut = best?.index ?? nearest?.index else { return [Array(files)] }
    return groups(files[..<cut]) + groups(files[cut...])
  }

  private func size(_ files: ArraySlice<PlannedFile>) -> Int64 {
    files.reduce(0) { $0.addingClamped($1.size ?? 0) }
  }
}
