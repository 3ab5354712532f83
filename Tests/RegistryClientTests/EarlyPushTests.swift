import Foundation
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A push whose layers are sent while others are being built.
@Suite struct EarlyPushTests {
  @Test func `a registry gets every blob once, and the manifest after all of them`() throws {
    let folder = try TemporaryFolder("early-push")
    let server = try RegistryServer(root: folder.file("registry"))
    server.start()
    let store = MemoryStore()
    let image = try RandomImage.appending(2, to: RandomImage.base(in: store), in: folder, size: 2 << 20)
    let proxy = try FaultProxy(to: server.address) { _ in nil }
    let registry = try SematicRegistryClient.Registry(host: proxy.address, repository: "app", options: .testing)
    let early = EarlyLayers(to: registry) { _ in }
    let first = image.layers[3]
    early.send(first)
    while try !registry.hasBlob(first.descriptor) { usleep(1000) }
    let before = proxy.lines.count
    early.send(image.layers[4])
    let request = PublishRequest(image, base: store, tags: ["one"])
    let publication = try #require(try publish([request], to: registry, after: early).first)

    let lines = Array(proxy.lines.dropFirst(before))
    #expect(lines.allSatisfy { !$0.contains(first.descriptor.digest.description) })
    // The other layers and the configuration; what went ahead was sent before.
    #expect(lines.filter { $0.hasPrefix("POST ") }.count == 5)
    #expect(lines.suffix(2).first == "PUT /v2/app/manifests/one")
    #expect(publication.blobs.map(\.outcome) == Array(repeating: .written, count: 6))
    #expect(try registry.manifest(.tag("one")).descriptor.digest == image.encoded().manifestDescriptor.digest)
    for layer in image.layers { try registry.readBlob(layer.descriptor) { _ in } }
  }
}
