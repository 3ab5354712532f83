import SematicOCI
import Testing

@testable import SematicAssembly

@Suite struct LayerSplitTests {
  /// Files of these sizes, by their paths, in folders that have a mode of their own.
  private func recipe(_ sizes: [String: Int]) -> LayerRecipe {
    var entries = sizes.map { LayerEntry(path: $0, content: .bytes([UInt8](repeating: 1, count: $1))) }
    let folders = Set(sizes.keys.flatMap { path in [String(path.prefix { $0 != "/" })] })
    entries += folders.map { LayerEntry(path: $0, content: .directory, mode: 0o1777) }
    return LayerRecipe(kind: .data, entries: entries.sorted { $0.path < $1.path })
  }

  private func numbered(_ count: Int, size: Int = 10) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { ("d\($0 % 7)/file-\($0 * 7919 % 1000)-\($0)", size) })
  }

  private func parts(_ sizes: [String: Int], limit: Int64 = 1000, above base: Int = 0) -> [LayerRecipe] {
    LayerSplit.parts(of: [recipe(sizes)], limit: limit, above: base)
  }

  private func files(_ layer: LayerRecipe) -> [String] {
    layer.entries.filter { $0.content != .directory }.map(\.path)
  }

  @Test func `Every file is in one layer, with its folders, and no layer is too large`() {
    let sizes = numbered(1000)
    let layers = parts(sizes)
    #expect(layers.flatMap(files).sorted() == sizes.keys.sorted())
    #expect((10...40).contains(layers.count))
    for layer in layers {
      #expect(layer.size <= 1000 && layer.size >= 100)
      #expect(layer.kind == .data)
      #expect(layer.entries.map(\.path) == layer.entries.map(\.path).sorted())
      let folders = Set(layer.entries.filter { $0.content == .directory }.map(\.path))
      #expect(folders == Set(files(layer).map { String($0.prefix { $0 != "/" }) }))
      #expect(layer.entries.allSatisfy { $0.content != .directory || $0.mode == 0o1777 })
    }
  }

  @Test func `What is small stays one layer, and an empty folder stays`() {
    let layer = LayerRecipe(
      kind: .data,
      entries: [LayerEntry(path: "a", content: .directory), LayerEntry(path: "b", content: .bytes([1]))])
    #expect(LayerSplit.parts(of: [layer], limit: 1000, above: 0) == [layer])
    #expect(Set(LayerSplit.parts(of: [layer], limit: 1, above: 0).flatMap(\.entries)) == Set(layer.entries))
  }

  @Test func `A file that is larger than a layer has one of its own`() {
    let layers = parts(["a/1": 10, "a/2": 5000, "a/3": 10, "b/4": 2000])
    #expect(layers.map(files) == [["a/1", "a/3"], ["a/2"], ["b/4"]])
  }

  @Test func `A file that is added, removed or changed changes few layers`() {
    let sizes = numbered(2000)
    let before = Set(parts(sizes))
    var changed: [Int] = []
    for number in 0..<50 {
      var edited = sizes
      switch number % 3 {
      case 0: edited["d\(number % 7)/new-\(number)"] = 10
      case 1: edited[sizes.keys.sorted()[number * 31]] = nil
      default: edited[sizes.keys.sorted()[number * 31]] = 11
      }
      changed.append(Set(parts(edited)).subtracting(before).count)
    }
    // Cuts at fixed sizes would change half of about fifty.
    #expect(changed.reduce(0, +) <= 3 * changed.count, "\(changed)")
    #expect(changed.sorted()[25] == 1)
  }

  @Test func `There are never more layers than runtimes take`() {
    let sizes = numbered(1000)
    #expect(parts(sizes, limit: 20).count <= LayerSplit.mostLayers)
    #expect(parts(sizes, limit: 20, above: 100).count <= 20)
    #expect(parts(sizes, limit: 20, above: 500).count == 1)
    #expect(parts(["a/1": 50, "a/2": 50], limit: .max).count == 1)
  }
}
