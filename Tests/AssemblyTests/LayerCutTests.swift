import SematicOCI
import Testing

@testable import SematicAssembly

@Suite struct LayerCutTests {
  /// Layers with files of these sizes, by their paths, in folders that have a mode of their own.
  private func parts(_ sizes: [String: Int], limit: Int64 = 1000, above base: Int = 0) throws -> [LayerPlan] {
    var planner = LayerPlanner()
    for (path, size) in sizes {
      let file = PlannedFile(path: path, content: .bytes([UInt8](repeating: 1, count: size)))
      try planner.add(file, to: .data, owner: path)
      let folder = PlannedFile(path: String(path.prefix { $0 != "/" }), content: .directory, mode: 0o1777)
      try planner.add(folder, to: .data, owner: path)
    }
    return try planner.layers(isWhole: true, limit: limit, above: base)
  }

  private func numbered(_ count: Int, size: Int = 10) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { ("d\($0 % 7)/file-\($0 * 7919 % 1000)-\($0)", size) })
  }

  private func files(_ layer: LayerPlan) -> [String] {
    layer.files.filter { $0.content != .directory }.map(\.path)
  }

  @Test func `Every file is in one layer, with its folders, and no layer is too large`() throws {
    let sizes = numbered(1000)
    let layers = try parts(sizes)
    #expect(layers.flatMap(files).sorted() == sizes.keys.sorted())
    #expect((10...40).contains(layers.count))
    for layer in layers {
      #expect(layer.size <= 1000 && layer.size >= 100)
      #expect(layer.kind == .data)
      #expect(layer.files.map(\.path) == layer.files.map(\.path).sorted())
      let folders = Set(layer.files.filter { $0.content == .directory }.map(\.path))
      #expect(folders == Set(files(layer).map { String($0.prefix { $0 != "/" }) }))
      #expect(layer.files.allSatisfy { $0.content != .directory || $0.mode == 0o1777 })
    }
  }

  @Test func `What is small stays one layer, and an empty folder stays`() throws {
    var planner = LayerPlanner()
    let files = [PlannedFile(path: "a", content: .directory), PlannedFile(path: "b", content: .bytes([1]))]
    try planner.add(files, to: .data, owner: "")
    #expect(try planner.layers(isWhole: true, limit: 1000) == [LayerPlan(kind: .data, files: files)])
    #expect(try Set(planner.layers(isWhole: true, limit: 1).flatMap(\.files)) == Set(files))
  }

  @Test func `A file that is larger than a layer has one of its own`() throws {
    let layers = try parts(["a/1": 10, "a/2": 5000, "a/3": 10, "b/4": 2000])
    #expect(layers.map(files) == [["a/1", "a/3"], ["a/2"], ["b/4"]])
  }

  @Test func `A file that is added, removed or changed changes few layers`() throws {
    let sizes = numbered(2000)
    let before = Set(try parts(sizes))
    var changed: [Int] = []
    for number in 0..<50 {
      var edited = sizes
      switch number % 3 {
      case 0: edited["d\(number % 7)/new-\(number)"] = 10
      case 1: edited[sizes.keys.sorted()[number * 31]] = nil
      default: edited[sizes.keys.sorted()[number * 31]] = 11
      }
      changed.append(Set(try parts(edited)).subtracting(before).count)
    }
    // Cuts at fixed sizes would change half of about fifty.
    #expect(changed.reduce(0, +) <= 3 * changed.count, "\(changed)")
    #expect(changed.sorted()[25] == 1)
  }

  @Test func `There are never more layers than runtimes take`() throws {
    let sizes = numbered(1000)
    #expect(try parts(sizes, limit: 20).count <= LayerCut.mostLayers)
    #expect(try parts(sizes, limit: 20, above: 100).count <= 20)
    #expect(try parts(sizes, limit: 20, above: 500).count == 1)
    #expect(try parts(["a/1": 50, "a/2": 50], limit: .max).count == 1)
  }
}
