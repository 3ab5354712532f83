import Foundation
import SematicArchive
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

  @Test func `only an archive is replaced by an archive`() throws {
    #expect(throws: ImageLayoutError.self) { try ImageFormat.ociArchive.destination(folder.path) }
    let text = try folder.write("notes.txt", String(repeating: "my notes\n", count: 500))
    let error = #expect(throws: ImageLayoutError.self) { try ImageFormat.dockerArchive.destination(text) }
    #expect(error == .occupied(text, "it exists and is not an archive"))
    let empty = try folder.write("empty.tar", "")
    for _ in 0..<2 { _ = try publish(image, base: store, to: ImageFormat.ociArchive.destination(empty), tags: []) }
    #expect(try TarReader.isArchive(empty))
  }

  @Test func `a link to an archive stays one, and a pipe is written to`() throws {
    let path = folder.file("image.tar")
    try FileTree.symbolicLink(at: folder.file("link.tar"), to: "image.tar")
    for _ in 0..<2 {
      _ = try publish(
        image, base: store, to: ImageFormat.ociArchive.destination(folder.file("link.tar")), tags: ["v1"])
    }
    #expect(try FileStatus(of: folder.file("link.tar"), followingLinks: false).kind == .symbolicLink)
    let whole = try FileTree.read(path)
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let copy = folder.file("copy.tar")
    Thread.detachNewThread {
      guard let input = FileHandle(forReadingAtPath: pipe), let output = try? AtomicFile(copy) else { return }
      try? output.write(input.readToEnd() ?? Data())
      try? output.commit()
    }
    _ = try publish(image, base: store, to: ImageFormat.ociArchive.destination(pipe), tags: ["v1"])
    for _ in 0..<500 where !FileTree.exists(copy) { usleep(10_000) }
    #expect(try FileTree.read(copy) == whole)
    #expect(try FileStatus(of: pipe).kind == .other)
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
