import Foundation
import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly

@Suite struct LayerCacheTests {
  private let folder: TemporaryFolder
  private let file: String

  init() throws {
    folder = try TemporaryFolder("cache")
    file = try folder.write("file", "content")
  }

  @Test func `an unchanged plan is not read again`() throws {
    let first = try layer()
    #expect(!first.fromCache)
    let second = try layer()
    #expect(second.fromCache)
    #expect(second.layer == first.layer)
    #expect(try !layer(cache(useCache: false)).fromCache)
    #expect(try !layer(cache(compression: LayerCompression(.gzip, level: 5))).fromCache)
    #expect(try !layer(cache(compression: .zstd)).fromCache)
    #expect(try layer(cache(compression: .zstd)).layer.descriptor.mediaType == .layerZstd)
    let folder = PlannedFile(path: "data", content: .directory)
    #expect(try layer(files: [folder, planned()]).layer.diffID != first.layer.diffID)
    #expect(try layer().fromCache)
  }

  @Test func `only a layer that is built is followed, and what it has is its beginning`() throws {
    var followed: [(bytes: [UInt8], size: Int64)] = []
    let plan = LayerPlan(kind: .data, files: [try planned()])
    for _ in 0..<2 {
      let (layer, fromCache) = try cache().layer(for: plan) { path, size, _ in
        followed.append((Array((try? FileTree.read(path)) ?? []), size))
      }
      guard !fromCache, case .file(let path) = layer.content else { continue }
      let whole = Array(try FileTree.read(path))
      #expect(followed.count > 1)
      #expect(followed.allSatisfy { whole.starts(with: $0.bytes) && Int64($0.bytes.count) == $0.size })
      #expect(followed.last?.bytes == whole)
      followed = []
    }
    #expect(followed.isEmpty)
  }

  @Test func `every edit shows`() throws {
    _ = try layer()
    let before = try FileStatus(of: file)
    // The same size, and the modification time set back.
    try Data("CONTENT".utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: Double(before.modified) / 1e9)], ofItemAtPath: file)
    let edited = try layer()
    #expect(!edited.fromCache)
    #expect(try layer().fromCache)
    #expect(chmod(file, 0o755) == 0)
    #expect(try !layer().fromCache)
    #expect(try layer().fromCache)
    #expect(utimes(file, nil) == 0)
    let touched = try layer()
    #expect(!touched.fromCache)
    try FileTree.move(file, to: file + ".old")
    #expect(throws: FileError.self) { try layer() }
    try FileTree.move(file + ".old", to: file)
    #expect(try layer().layer.diffID == touched.layer.diffID)
  }

  @Test func `everything in the plan counts`() throws {
    let entries = [
      PlannedFile(path: "a", content: .bytes([1])), PlannedFile(path: "b", content: .bytes([1])),
      PlannedFile(path: "a", content: .bytes([2])), PlannedFile(path: "a", content: .bytes([1]), mode: 0o600),
      PlannedFile(path: "a", content: .directory), PlannedFile(path: "a", content: .symbolicLink("b")),
      PlannedFile(path: "a", content: .symbolicLink("c")), PlannedFile(path: "a", content: .file(try SourceFile(file))),
    ]
    for entry in entries { #expect(try !layer(files: [entry]).fromCache) }
    for entry in entries { #expect(try layer(files: [entry]).fromCache) }
  }

  @Test func `what changed a moment ago is not recorded`() throws {
    let changed = try FileStatus(of: file).changed
    #expect(try !layer(cache(now: changed + 1_000_000)).fromCache)
    #expect(try !layer().fromCache)
    #expect(try layer().fromCache)
  }

  @Test func `a file that was just written is waited for`() throws {
    let entry = PlannedFile(path: "data/file", content: .file(try SourceFile(folder.write("new", "content"))))
    let cache = try LayerCache(folder: folder.file("cache"), compressor: Compressor())
    #expect(try !layer(cache, files: [entry]).fromCache)
    #expect(try layer(cache, files: [entry]).fromCache)
  }

  @Test func `a blob that is gone or damaged is built again`() throws {
    let first = try layer().layer
    let blob = folder.file("cache/sha256/" + first.descriptor.digest.hex)
    let bytes = try FileTree.read(blob)
    try FileTree.remove(blob)
    #expect(try !layer().fromCache)
    #expect(try FileTree.read(blob) == bytes)
    try AtomicFile.write(bytes.dropLast(), to: blob)
    #expect(try !layer().fromCache)
    // The same size, but written to since it was checked.
    try AtomicFile.write(bytes.dropLast() + [bytes[bytes.count - 1] ^ 1], to: blob)
    #expect(try !layer().fromCache)
    #expect(try FileTree.read(blob) == bytes)
    #expect(try layer().fromCache)
  }

  @Test(arguments: ["", "{", "[]", #"{"digest":"sha256:../../../etc/passwd","diffID":"sha256:1","size":1}"#])
  func `a damaged record is not believed`(text: String) throws {
    _ = try layer()
    for name in try FileTree.names(in: folder.file("cache/layers")) { try folder.write("cache/layers/" + name, text) }
    #expect(try !layer().fromCache)
    #expect(try layer().fromCache)
  }

  /// An hour from now: files that the test has just written are settled.
  private func cache(
    useCache: Bool = true, compression: LayerCompression = .gzip, now: Int64? = nil
  ) throws -> LayerCache {
    let later = now ?? Int64(Date().timeIntervalSince1970 + 3600) * 1_000_000_000
    return LayerCache(
      folder: folder.file("cache"), compressor: try Compressor(compression), useCache: useCache, now: { later })
  }

  private func planned() throws -> PlannedFile { PlannedFile(path: "data/file", content: .file(try SourceFile(file))) }

  private func layer(
    _ cache: LayerCache? = nil, files: [PlannedFile]? = nil
  ) throws -> (layer: Layer, fromCache: Bool) {
    try (cache ?? self.cache()).layer(for: LayerPlan(kind: .data, files: files ?? [planned()]))
  }
}

extension LayerCache {
  /// The layer of a plan, and whether it was there.
  func layer(for plan: LayerPlan, growth: LayerBuilder.Growth? = nil) throws -> (layer: Layer, fromCache: Bool) {
    let entry = try entry(for: plan)
    return (try entry.layer ?? build(entry, growth: growth), entry.layer != nil)
  }
}
