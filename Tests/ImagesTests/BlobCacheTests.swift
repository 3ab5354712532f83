import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

@Suite struct BlobCacheTests {
  let folder: TemporaryFolder
  let cache: BlobCache
  let store = MemoryStore("base")
  let layers: [Descriptor]

  init() throws {
    folder = try TemporaryFolder("cache")
    cache = BlobCache(folder.file("blobs"))
    layers = try RandomImage.base(in: store).layers.map(\.descriptor)
  }

  @Test func `a blob is fetched once and kept by its digest, read-only`() throws {
    let path = try cache.fetch(layers[0], from: store)
    #expect(path == folder.file("blobs/sha256/\(layers[0].digest.hex)"))
    #expect(try cache.fetch(layers[0], from: store) == path)
    #expect(store.count(.readBlob) == 1)
    #expect(try FileStatus(of: path).mode == 0o444)
    #expect(try Digest.of(FileTree.read(path)) == layers[0].digest)
    #expect(try cache.contains(layers[0]))
    #expect(try !cache.contains(layers[1]))
  }

  @Test(arguments: CorruptBlob.allCases)
  func `nothing of a corrupt blob stays`(corruption: CorruptBlob) throws {
    let bytes = try #require(store.blob(layers[0].digest))
    store.put(corruption.applied(to: bytes), as: layers[0].digest)
    #expect(throws: BlobMismatch.self) { try cache.fetch(layers[0], from: store) }
    #expect(try FileTree.names(in: folder.file("blobs/sha256")) == [])
  }

  @Test(arguments: CorruptBlob.allCases)
  func `a file that was changed in the cache is fetched again`(corruption: CorruptBlob) throws {
    let path = try cache.fetch(layers[0], from: store)
    let bytes = Data(try FileTree.read(path))
    try AtomicFile.write(corruption.applied(to: bytes), to: path)
    #expect(try !cache.contains(layers[0]))
    #expect(try Data(FileTree.read(cache.fetch(layers[0], from: store))) == bytes)
    #expect(store.count(.readBlob) == 2)
  }

  @Test func `a file that was restored without its times is read, and believed`() throws {
    let path = try cache.fetch(layers[0], from: store)
    try AtomicFile.write(FileTree.read(path), to: path)
    #expect(try cache.file(for: layers[0]) == path)
    #expect(try SealedFile.exists(path, size: layers[0].size))
    #expect(store.count(.readBlob) == 1)
  }

  @Test func `a descriptor of another size does not get the blob`() throws {
    _ = try cache.fetch(layers[0], from: store)
    var other = layers[0]
    other.size += 1
    #expect(throws: BlobMismatch.self) { try cache.fetch(other, from: store) }
    #expect(try cache.contains(layers[0]))
  }

  @Test func `many may fetch the same blob at once`() throws {
    let layer = layers[0]
    let failures = Guarded<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      do { _ = try cache.fetch(layer, from: store) } catch { failures.withLock { $0.append("\(error)") } }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try FileTree.names(in: folder.file("blobs/sha256")) == [layer.digest.hex])
    #expect(try cache.contains(layer))
  }

  @Test func `what a killed process left is cleared away, after a while`() throws {
    _ = try cache.fetch(layers[0], from: store)
    // Process numbers end at 4194304 on Linux.
    let old = try folder.write("blobs/sha256/.partial-2000000000-1", "half")
    let own = try folder.write("blobs/sha256/.partial-\(getpid())-2", "half")
    let young = try folder.write("blobs/sha256/.partial-2000000000-3", "half")
    for path in [old, own] { try SealedFile.seal(path) }
    _ = try cache.fetch(layers[1], from: store)
    #expect(!FileTree.exists(old))
    #expect(FileTree.exists(own))
    #expect(FileTree.exists(young))
  }

  @Test func `small bytes are kept and given back only as what they are`() throws {
    let bytes = Data("{}".utf8)
    let digest = try Digest.of(bytes)
    #expect(try cache.bytes(of: digest) == nil)
    try cache.store(bytes, as: digest)
    #expect(try cache.bytes(of: digest) == bytes)
    try AtomicFile.write(Data("{ }".utf8), to: cache.path(of: digest))
    #expect(try cache.bytes(of: digest) == nil)
    try cache.store(bytes, as: Digest.of(Data("other".utf8)))
    #expect(try cache.bytes(of: Digest.of(Data("other".utf8))) == nil)
  }
}
