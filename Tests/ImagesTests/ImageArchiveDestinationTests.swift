import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

@Suite struct ImageArchiveDestinationTests {
  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image

  init() throws {
    folder = try TemporaryFolder("archive")
    image = try RandomImage.appending(1, to: RandomImage.base(in: store), in: folder)
  }

  @Test func `a thin archive is a layout's only`() throws {
    for format in [ImageFormat.ociArchive, .dockerArchive] {
      let path = folder.file(format.rawValue)
      let write = {
        try publish(image, base: store, to: format.destination(path), tags: ["v1"], leavingOutBase: true)
      }
      if format == .ociArchive {
        #expect(try write().digest == image.encoded().manifestDescriptor.digest)
        #expect(try FileStatus(of: path).size < 20_000)
      } else {
        let error = #expect(throws: ImageArchiveError.self) { try write() }
        #expect(error == .incomplete(image.layers[0].descriptor.digest))
        #expect(!FileTree.exists(path))
      }
    }
  }

  @Test func `only a file is replaced by an archive`() throws {
    #expect(throws: ImageLayoutError.self) { try ImageFormat.ociArchive.destination(folder.path) }
    #expect(throws: ImageLayoutError.self) { try ImageFormat.ociArchive.destination("/dev/null") }
  }

  @Test func `an archive appears only when it is finished`() throws {
    let path = folder.file("image.tar")
    let destination = try ImageFormat.ociArchive.destination(path)
    let encoded = try image.encoded()
    try destination.writeBlob(encoded.configurationDescriptor, from: .bytes(encoded.configuration)) { _ in }
    try destination.putManifest(encoded.manifest, encoded.manifestDescriptor, tags: [])
    #expect(try destination.manifest(.digest(encoded.manifestDescriptor.digest)).bytes == encoded.manifest)
    #expect(!FileTree.exists(path))
    destination.discard()
    #expect(throws: ManifestNotFound.self) {
      try destination.manifest(.digest(encoded.manifestDescriptor.digest))
    }
  }

  @Test func `layers come from the cache, and a change in it meanwhile is noticed`() throws {
    let cache = BlobCache(folder.file("cache"))
    let source = CachedSource(store, cache: cache)
    _ = try publish(image, base: source, to: ImageFormat.ociArchive.destination(folder.file("one.tar")), tags: [])
    store.resetCounts()
    _ = try publish(image, base: source, to: ImageFormat.ociArchive.destination(folder.file("two.tar")), tags: [])
    #expect(store.count(.readBlob) == 0)
    // A seal can be forged; the bytes are read here anyway.
    let file = cache.path(of: image.layers[0].descriptor.digest)
    var bytes = try FileTree.read(file)
    bytes[20] ^= 1
    try AtomicFile.write(bytes, to: file)
    try SealedFile.seal(file)
    #expect(throws: BlobMismatch.self) {
      try publish(image, base: source, to: ImageFormat.ociArchive.destination(folder.file("three.tar")), tags: [])
    }
    #expect(!FileTree.exists(folder.file("three.tar")))
  }
}
