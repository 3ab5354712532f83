import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

@Suite struct CachedSourceTests {
  let folder: TemporaryFolder
  let store = MemoryStore("base")
  let source: CachedSource
  let image: Image
  let platform = Platform(architecture: "amd64")

  init() throws {
    folder = try TemporaryFolder("cache")
    source = CachedSource(store, cache: BlobCache(folder.file("blobs")))
    image = try RandomImage.base(in: store)
  }

  private func goOffline() {
    store.before { _, _ in throw FileError("reach", "base", reason: "offline") }
  }

  @Test func `a base that is pinned by digest needs no network the second time`() throws {
    let digest = try store.manifest(.tag("latest")).descriptor.digest
    let first = try source.image(.digest(digest), platform: platform)
    goOffline()
    let second = try source.image(.digest(digest), platform: platform)
    #expect(second.image == first.image)
    #expect(second.manifest == first.manifest)
  }

  @Test func `a tag is always asked for, and what it pointed to is kept`() throws {
    let digest = try source.image(.tag("latest"), platform: platform).manifest.descriptor.digest
    let other = try RandomImage.base(in: store)
    let moved = try source.image(.tag("latest"), platform: platform)
    #expect(moved.image.layers.map(\.descriptor) == other.layers.map(\.descriptor))
    goOffline()
    #expect(throws: FileError.self) { try source.manifest(.tag("latest")) }
    #expect(try source.manifest(.digest(digest)).descriptor.digest == digest)
  }

  @Test func `layers are kept only where they are asked for as files`() throws {
    let layer = image.layers[0].descriptor
    try source.readBlob(layer) { _ in }
    try source.readBlob(layer) { _ in }
    #expect(store.count(.readBlob) == 2)
    let path = try #require(try source.localFile(for: layer) { _ in })
    goOffline()
    #expect(try Digest.of(FileTree.read(path)) == layer.digest)
    var size: Int64 = 0
    try source.readBlob(layer) { size += Int64($0.count) }
    #expect(size == layer.size)
  }

  @Test func `a manifest that was changed in the cache is asked for again`() throws {
    let document = try source.manifest(.tag("latest"))
    let digest = document.descriptor.digest
    try AtomicFile.write(document.bytes + Data(" ".utf8), to: source.cache.path(of: digest))
    #expect(try source.manifest(.digest(digest)) == document)
    #expect(try source.cache.bytes(of: digest) == document.bytes)
  }

  @Test func `the place behind the cache can be seen`() {
    #expect(CachedSource(source, cache: source.cache).origin as? MemoryStore === store)
    #expect(source.name == "base")
  }
}
