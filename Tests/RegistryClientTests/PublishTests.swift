import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

@Suite struct PublishTests {
  let folder: TemporaryFolder
  let baseStore = MemoryStore("base")
  let image: Image

  init() throws {
    folder = try TemporaryFolder("publish")
    image = try RandomImage.appending(2, to: RandomImage.base(in: baseStore), in: folder)
  }

  @Test func `base layers are mounted where that can be done, also through a cache`() throws {
    let store = MemoryStore(mountingFrom: baseStore)
    let cached = CachedSource(baseStore, cache: BlobCache(folder.file("cache")))
    let publication = try publish(image, base: cached, to: store, tags: [])
    #expect(publication.blobs.map(\.outcome) == [.mounted, .mounted, .mounted, .written, .written, .written])
    #expect(baseStore.count(.readBlob) == 0)
    #expect(publication.bytesSent == publication.blobs.suffix(3).reduce(0) { $0 + $1.descriptor.size })
  }

  @Test func `blobs come before the manifest, and the manifest is read back`() throws {
    let store = MemoryStore()
    let calls = Recorded<MemoryStore.Call>()
    store.before { call, _ in calls.append(call) }
    _ = try publish(image, base: baseStore, to: store, tags: ["v1"])
    let order = calls.all
    #expect(order.suffix(3) == [.putManifest, .manifest, .finish])
    #expect(order.dropLast(3).allSatisfy { [.hasBlob, .mountBlob, .writeBlob].contains($0) })
    #expect(store.count(.writeBlob) == 6)
    #expect(store.count(.mountBlob) == 3)
  }

  @Test func `a base that is left out is neither asked for nor sent`() throws {
    let store = MemoryStore()
    let publication = try publish(image, base: nil, to: store, tags: [], leavingOutBase: true)
    #expect(publication.blobs.map(\.outcome) == [.leftOut, .leftOut, .leftOut, .written, .written, .written])
    #expect(try publication.digest == image.encoded().manifestDescriptor.digest)
    #expect(store.digests.isDisjoint(with: image.layers.prefix(3).map(\.descriptor.digest)))
  }

  @Test func `a base layer that is nowhere to be had is named`() throws {
    let alone = Image.scratch(Platform(architecture: "amd64")).appending([image.layers[0]])
    let error = #expect(throws: PublishError.self) { try publish(alone, base: nil, to: MemoryStore("there"), tags: []) }
    #expect(error == .noSource(image.layers[0].descriptor.digest, "there"))
  }

  @Test func `layers that may not be copied stay where they are`() throws {
    let base = try RandomImage.base(in: baseStore, layers: 2, tag: "foreign") { manifest in
      manifest.layers[0].urls = ["https://layers.example/one"]
      manifest.layers[1].mediaType = MediaType(rawValue: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    }
    let found = try baseStore.image(.tag("foreign"), platform: base.configuration.platform)
    let publication = try publish(found.image, base: baseStore, to: MemoryStore(), tags: [])
    #expect(publication.blobs.map(\.outcome) == [.leftOut, .leftOut, .written])
  }

  @Test func `a layer that occurs twice is sent once, ours from our file`() throws {
    let ours = image.layers[3]
    let baseTwin = Layer(descriptor: ours.descriptor, diffID: ours.diffID, content: .base)
    let twice = Image.scratch(Platform(architecture: "amd64")).appending([baseTwin, ours, ours])
    let store = MemoryStore()
    let publication = try publish(twice, base: nil, to: store, tags: [])
    #expect(publication.blobs.map(\.kind) == [.layer, .configuration])
    #expect(store.count(.writeBlob) == 2)
  }

  @Test(arguments: [1, 2, 8])
  func `the first error stops the others, and no thread outlives the call`(parallel: Int) throws {
    let store = MemoryStore()
    let many = try RandomImage.appending(30, to: image, in: folder, size: 10)
    let running = Recorded<Int>()
    store.before { call, _ in
      if call == .writeBlob {
        running.append(1)
        defer { running.append(-1) }
        usleep(1000)
        throw Refused(number: running.all.count)
      }
    }
    #expect(throws: Refused.self) { try publish(many, base: baseStore, to: store, tags: [], parallel: parallel) }
    #expect(running.all.reduce(0, +) == 0)
    #expect(store.count(.writeBlob) <= parallel)
    #expect(store.count(.putManifest) == 0)
    #expect((store.count(.finish), store.count(.discard)) == (0, 1))
  }

  @Test func `a transfer in progress ends when another one fails`() throws {
    let store = MemoryStore()
    let bytes = Data(count: 8 << 20)
    let slow = Layer(
      descriptor: try Descriptor(of: bytes, mediaType: .layer), diffID: try Digest.of(bytes), content: .base)
    baseStore.put(bytes, as: slow.descriptor.digest)
    let both = Image.scratch(Platform(architecture: "amd64")).appending([slow, image.layers[3]])
    let reads = Recorded<Int>()
    let source = SlowSource(origin: baseStore, reads: reads)
    store.before { call, descriptor in
      // Only once the slow one is under way.
      while call == .writeBlob, descriptor == image.layers[3].descriptor, reads.all.isEmpty { usleep(1000) }
      if call == .writeBlob, descriptor == image.layers[3].descriptor { throw Refused(number: 1) }
    }
    #expect(throws: Refused.self) { try publish(both, base: source, to: store, tags: []) }
    #expect(reads.all.count < 128)
  }

  @Test func `a place that returns another manifest is an error`() throws {
    let liar = Liar(
      store: MemoryStore("liar"),
      answer: try ManifestDocument(
        bytes: try image.annotated(["a": "b"]).encoded().manifest, mediaType: nil))
    let error = #expect(throws: PublishError.self) { try publish(image, base: baseStore, to: liar, tags: []) }
    #expect(try error == .changed(image.encoded().manifestDescriptor.digest, "liar"))
  }

  @Test func `progress tells of every blob, and adds up`() throws {
    let moved = Recorded<Int64>()
    let finished = Recorded<Digest>()
    let publication = try publish(image, base: baseStore, to: MemoryStore(), tags: ["a"]) { event in
      switch event {
      case .moved(_, let bytes): moved.append(bytes)
      case .finished(let outcome): finished.append(outcome.descriptor.digest)
      case .began, .published: break
      }
    }
    #expect(moved.all.reduce(0, +) == publication.bytesSent)
    #expect(Set(finished.all) == Set(publication.blobs.map(\.descriptor.digest)))
    #expect(finished.all.count == 6)
  }
}

private struct Refused: Error { let number: Int }

private final class Recorded<Value: Sendable>: @unchecked Sendable {  // the lock guards the values
  private let lock = NSLock()
  private var values: [Value] = []
  var all: [Value] { lock.withLock { values } }
  func append(_ value: Value) { lock.withLock { values.append(value) } }
}

/// Takes its time for each of the pieces, so that there is something to stop.
private struct SlowSource: ImageSource {
  let origin: any ImageSource
  let reads: Recorded<Int>
  var name: String { origin.name }
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument { try origin.manifest(identifier) }
  func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try origin.readBlob(descriptor) { piece in
      reads.append(piece.count)
      usleep(20_000)
      try body(piece)
    }
  }
}

private struct Liar: ImageDestination {
  let store: MemoryStore
  let answer: ManifestDocument
  var name: String { store.name }
  func hasBlob(_ descriptor: Descriptor) throws -> Bool { try store.hasBlob(descriptor) }
  func writeBlob(_ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void) throws {
    try store.writeBlob(descriptor, from: content, progress: progress)
  }
  func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {}
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument { answer }
}
