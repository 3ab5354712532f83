import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A push of what the registry has already.
@Suite struct UnchangedPushTests {
  let folder: TemporaryFolder
  let server: RegistryServer
  let store = MemoryStore()
  let image: Image

  init() throws {
    folder = try TemporaryFolder("unchanged-push")
    server = try RegistryServer(root: folder.file("registry"))
    server.start()
    image = try RandomImage.appending(1, to: RandomImage.base(in: store), in: folder)
  }

  private func push(_ image: Image, to address: String, tags: [String]) throws {
    let registry = try SematicRegistryClient.Registry(host: address, repository: "app", options: .testing)
    _ = try publish(image, base: store, to: registry, tags: tags)
  }

  /// What a push asks of a registry that has the image under the tag `one`, but for the first greeting.
  private func requests(of image: Image, tags: [String]) throws -> [String] {
    try push(self.image, to: server.address, tags: ["one"])
    let proxy = try FaultProxy(to: server.address) { _ in nil }
    try push(image, to: proxy.address, tags: tags)
    return proxy.lines.filter { $0 != "GET /v2/" }
  }

  @Test func `nothing but questions is sent`() throws {
    let lines = try requests(of: image, tags: ["one"])
    #expect(lines.count == image.layers.count + 2)
    #expect(lines.allSatisfy { $0.hasPrefix("HEAD ") })
  }

  @Test func `a tag that is not there is written`() throws {
    let lines = try requests(of: image, tags: ["one", "two"])
    #expect(lines.contains("PUT /v2/app/manifests/two"))
    #expect(lines.last?.hasPrefix("GET /v2/app/manifests/sha256:") == true)
  }

  @Test func `a tag that leads elsewhere is written`() throws {
    let other = try RandomImage.base(in: store, layers: 1, tag: "other")
    try push(other, to: server.address, tags: ["two"])
    let lines = try requests(of: image, tags: ["two"])
    #expect(lines.contains("PUT /v2/app/manifests/two"))
  }
}
