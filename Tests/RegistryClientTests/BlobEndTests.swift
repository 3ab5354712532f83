import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A layer whose beginning a registry stores while the end is made.
@Suite struct BlobEndTests {
  private typealias Registry = SematicRegistryClient.Registry

  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image
  var layer: Layer { image.layers[1] }
  private let beginning = 5 << 20
  private let servers = Guarded(0)

  init() throws {
    folder = try TemporaryFolder("blob-end")
    image = try RandomImage.appending(1, to: RandomImage.base(in: store, layers: 1), in: folder, size: 13 << 19)
  }

  /// A registry behind a proxy.
  private struct Place {
    let server: RegistryServer
    let proxy: FaultProxy
    let root: String
    let answered: Guarded<Bool>

    var uploads: [String] { (try? FileTree.names(in: root + "/uploads")) ?? [] }
  }

  private func serve(_ plan: @escaping @Sendable (FaultProxy.Request) -> Fault?) throws -> Place {
    let root = servers.withLock { number in
      number += 1
      return folder.file("registry\(number)")
    }
    let server = try RegistryServer(root: root)
    server.start()
    let answered = Guarded(false)
    return Place(
      server: server, proxy: try proxy(to: server.address, answered, plan), root: root, answered: answered)
  }

  /// - Parameter answered: whether a beginning was stored.
  private func proxy(
    to address: String, _ answered: Guarded<Bool>,
    _ plan: @escaping @Sendable (FaultProxy.Request) -> Fault? = { _ in nil }
  ) throws -> FaultProxy {
    try FaultProxy(
      to: address,
      rewriting: { request, head in
        if request.method == "PATCH" { answered.withLock { $0 = true } }
        return head
      }, plan)
  }

  /// Pushes the image; the layer becomes whole when its beginning was sent.
  private func push(to address: String, isSent: () -> Bool) throws {
    let registry = try Registry(host: address, repository: "app", options: .testing)
    let told = Guarded<Int64>(0)
    let early = EarlyLayers(to: registry, streams: true) { event in
      guard case .moved(layer.descriptor, let bytes) = event else { return }
      told.withLock { $0 += bytes }
    }
    defer { early.end() }
    let blob = try #require(early.blob(of: 16 << 20))
    try GrowingLayer(layer).grow(blob, by: beginning, rest: 1)
    for _ in 0..<30_000 where !isSent() { usleep(1000) }
    try #require(isSent() && blob.isGrowing)
    early.send(layer, as: blob)
    let request = PublishRequest(image, base: store, tags: ["one"])
    let publication = try #require(try publish([request], to: registry, after: early).first)
    #expect(publication.blobs.allSatisfy { $0.outcome == .written })
    #expect(told.withLock { $0 } == layer.descriptor.size)
    try registry.readBlob(layer.descriptor) { _ in }
    #expect(try registry.manifest(.tag("one")).descriptor.digest == image.encoded().manifestDescriptor.digest)
  }

  private func push(to place: Place) throws {
    try push(to: place.proxy.address) { place.answered.withLock { $0 } }
  }

  private static func isEnd(_ request: FaultProxy.Request) -> Bool {
    request.headers["content-range"]?.hasPrefix("5242880-") == true
  }

  @Test func `the end comes with the digest, and nobody waits for leave to send it`() throws {
    let place = try serve { _ in nil }
    try push(to: place)
    let ends = place.proxy.requests.filter(Self.isEnd)
    #expect(ends.map(\.method) == ["PUT"])
    #expect(ends.first?.headers["content-range"] == "\(beginning)-\(layer.descriptor.size - 1)")
    #expect(ends.first?.headers["expect"] == nil)
    #expect(layer.descriptor.size - Int64(beginning) > 1 << 20)
    #expect(place.proxy.requests.count { $0.method == "PATCH" } == 1)
    #expect(place.proxy.lines.count { $0.hasPrefix("POST ") } == 3)
    #expect(!place.proxy.lines.contains { $0.hasPrefix("DELETE ") || $0.hasPrefix("HEAD ") })
    #expect(place.uploads == [])
  }

  @Test(.enabled(if: DockerRegistry.isAvailable)) func `docker-registry takes the end with the digest`() throws {
    let server = try DockerRegistry()
    let answered = Guarded(false)
    let proxy = try proxy(to: server.address, answered)
    try push(to: proxy.address) { answered.withLock { $0 } }
    #expect(proxy.requests.filter(Self.isEnd).map(\.method) == ["PUT"])
    #expect(!proxy.lines.contains { $0.hasPrefix("DELETE ") })
  }

  @Test func `whatever happens to the end, all is sent as any other blob`() throws {
    let faults: [Fault] = [
      .status(400), .status(401), .status(403), .status(404), .status(405), .status(409), .status(413), .status(416),
      .status(429), .status(500), .status(501), .cutRequest(after: 1 << 18), .corruptRequest(at: 0),
      .redirect(to: "127.0.0.1:9"),
    ]
    for fault in faults {
      let place = try serve { Self.isEnd($0) ? fault : nil }
      try push(to: place)
      let requests = place.proxy.requests
      #expect(requests.count(where: Self.isEnd) == 1, "\(fault)")
      #expect(requests.count { $0.method == "DELETE" } == 1, "\(fault)")
      // Nothing is learnt from that about blobs that are sent as ever.
      #expect(requests.count { $0.method == "PATCH" } == 1, "\(fault)")
      #expect(place.uploads == [], "\(fault)")
    }
  }

  @Test(arguments: [.lostAnswer, .cutHead] as [Fault]) func `an end whose answer is lost is not sent again`(
    fault: Fault
  ) throws {
    let place = try serve { Self.isEnd($0) ? fault : nil }
    try push(to: place)
    #expect(place.proxy.lines.count { $0.hasPrefix("POST ") } == 3)
  }

  @Test(
    arguments: [
      .dropsLaterChunks, .staysAtFirstChunk, .limitsChunks, .refusesWholePut, .refusesHead, .leavesHeadersOut,
      .redirectsReads, .uploadsElsewhere, .relativeLocation, .tokens,
    ] as [QuirkyRegistry.Quirk])
  func `registries that have their own ways get all of it`(quirk: QuirkyRegistry.Quirk) throws {
    let server = try QuirkyRegistry([quirk])
    try push(to: server.address) {
      server.requests.contains { $0.method == "PATCH" } || server.storageRequests.contains { $0.method == "PATCH" }
    }
  }

  @Test func `nothing is left of a layer whose beginning was stored, and whose building fails`() throws {
    let place = try serve { _ in nil }
    let registry = try Registry(host: place.proxy.address, repository: "app", options: .testing)
    let early = EarlyLayers(to: registry, streams: true) { _ in }
    let blob = try #require(early.blob(of: 16 << 20))
    try GrowingLayer(layer).grow(blob, by: beginning, rest: 1)
    for _ in 0..<30_000 where !place.answered.withLock({ $0 }) { usleep(1000) }
    early.end()
    #expect(place.proxy.lines.last?.hasPrefix("DELETE /v2/app/blobs/uploads/") == true)
    #expect(place.uploads == [])
  }
}
