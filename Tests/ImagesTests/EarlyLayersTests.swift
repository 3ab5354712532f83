import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages

@Suite struct EarlyLayersTests {
  private struct Refused: Error {}

  let folder: TemporaryFolder
  let baseStore = MemoryStore("base")
  let store = MemoryStore()
  let image: Image
  let early: EarlyLayers
  /// The layers that are ours.
  var ours: [Layer] { Array(image.layers.suffix(2)) }

  init() throws {
    folder = try TemporaryFolder("early")
    image = try RandomImage.appending(2, to: RandomImage.base(in: baseStore), in: folder)
    early = EarlyLayers(to: store) { _ in }
  }

  private func publishAll() throws -> Publication {
    try #require(try publish([PublishRequest(image, base: baseStore, tags: ["v1"])], to: store, after: early).first)
  }

  private func wait(until condition: () -> Bool) {
    while !condition() { usleep(1000) }
  }

  @Test func `a layer is sent before the image is complete, and only once`() throws {
    early.send(ours[0])
    wait { store.digests.contains(ours[0].descriptor.digest) }
    early.send(ours[0])
    let publication = try publishAll()
    #expect(publication.blobs.map(\.outcome) == Array(repeating: .written, count: 6))
    #expect(publication.bytesSent == publication.blobs.reduce(0) { $0 + $1.descriptor.size })
    #expect(store.count(.writeBlob) == 6)
    #expect(store.count(.hasBlob) == 6)
  }

  @Test func `publishing waits for a layer on its way, and sends what still waits for its turn`() throws {
    let turn = Guarded(false)
    store.before { [ours] call, descriptor in
      guard call == .writeBlob, descriptor == ours[0].descriptor else { return }
      while !turn.withLock({ $0 }) { usleep(1000) }
    }
    for layer in ours { early.send(layer) }
    wait { store.count(.writeBlob) == 1 }
    store.before { _, _ in }
    Thread.detachNewThread { [store, ours] in
      while !store.digests.contains(ours[1].descriptor.digest) { usleep(1000) }
      turn.withLock { $0 = true }
    }
    let publication = try publishAll()
    #expect(publication.blobs.map(\.outcome) == Array(repeating: .written, count: 6))
    #expect(store.count(.writeBlob) == 6)
  }

  @Test func `a layer that is there is not sent`() throws {
    _ = try publish(image, base: baseStore, to: store, tags: ["v1"])
    store.resetCounts()
    early.send(ours[1])
    let publication = try publishAll()
    #expect(publication.blobs.map(\.outcome) == Array(repeating: .present, count: 6))
    #expect(store.count(.writeBlob) == 0)
  }

  @Test func `the error of a layer that went ahead is the push's, and nothing is sent after it`() throws {
    store.before { call, _ in if call == .writeBlob { throw Refused() } }
    early.send(ours[0])
    wait { store.count(.writeBlob) == 1 }
    wait { early.stop.error != nil }
    store.before { _, _ in }
    early.send(ours[1])
    #expect(throws: Refused.self) { try publishAll() }
    #expect(store.count(.putManifest) == 0)
    #expect((store.count(.finish), store.count(.discard)) == (0, 1))
    #expect(!store.digests.contains(ours[0].descriptor.digest))
  }

  @Test func `a layer is sent while it is built, without a question, and counted once`() throws {
    let store = MemoryStore(streams: true)
    let events = Guarded<[PublishProgress]>([])
    let early = EarlyLayers(to: store, streams: true) { event in events.withLock { $0.append(event) } }
    let growing = try GrowingLayer(ours[0])
    #expect(early.blob(of: 1 << 20) == nil)
    let blob = try #require(early.blob(of: 16 << 20))
    try growing.grow(blob, by: 100)
    wait { store.count(.stream) == 1 }
    try growing.grow(blob)
    early.send(ours[0], as: blob)
    let publication = try #require(
      try publish([PublishRequest(image, base: baseStore, tags: ["v1"])], to: store, after: early).first)
    #expect(publication.blobs.map(\.outcome) == Array(repeating: .written, count: 6))
    #expect(publication.bytesSent == publication.blobs.reduce(0) { $0 + $1.descriptor.size })
    #expect(store.count(.writeBlob) == 6)
    #expect(store.count(.hasBlob) == 5)
    var moved: Int64 = 0
    var began = 0
    for event in events.withLock({ $0 }) {
      if case .moved(ours[0].descriptor, let bytes) = event { moved += bytes }
      if case .began(ours[0].descriptor) = event { began += 1 }
    }
    #expect((moved, began) == (ours[0].descriptor.size, 1))
  }

  @Test func `a layer that could not be sent while it was built is sent afterwards`() throws {
    let store = MemoryStore(streams: true)
    store.before { call, _ in if call == .stream { throw Refused() } }
    let early = EarlyLayers(to: store, streams: true) { _ in }
    let growing = try GrowingLayer(ours[0])
    let blob = try #require(early.blob(of: 16 << 20))
    try growing.grow(blob)
    wait { store.count(.stream) == 1 }
    early.send(ours[0], as: blob)
    let publication = try #require(
      try publish([PublishRequest(image, base: baseStore, tags: ["v1"])], to: store, after: early).first)
    #expect(publication.blobs.map(\.outcome) == Array(repeating: .written, count: 6))
    #expect(store.count(.hasBlob) == 6)
  }

  @Test func `a build that fails ends the sending of its layer, and a layer that is not begun is not followed`() throws
  {
    let store = MemoryStore(streams: true)
    let early = EarlyLayers(to: store, streams: true) { _ in }
    let growing = try GrowingLayer(ours[0])
    let blob = try #require(early.blob(of: 16 << 20))
    try growing.grow(blob, by: 100)
    wait { store.count(.stream) == 1 }
    early.end()
    let late = try #require(early.blob(of: 16 << 20))
    try GrowingLayer(ours[1]).grow(late)
    early.end()
    #expect(!blob.isGrowing && late.isGrowing)
    #expect((store.count(.stream), store.count(.writeBlob)) == (1, 0))
    #expect(EarlyLayers(to: store) { _ in }.blob(of: 16 << 20) == nil)
  }

  @Test func `a transfer ends with the build that fails, and none begins after it`() throws {
    store.before { [early] call, _ in
      // Under way until it is told to end.
      while call == .writeBlob, early.stop.error == nil { usleep(1000) }
    }
    for layer in ours { early.send(layer) }
    wait { store.count(.writeBlob) == 1 }
    early.end()
    early.send(image.layers[4])
    early.end()
    #expect(store.digests.isEmpty)
    #expect(store.count(.writeBlob) == 1)
  }
}
