import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A push and a pull at registries that behave as those of the field do.
@Suite struct RegistryQuirkTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("quirks") }

  private struct Exchange {
    let registry: QuirkyRegistry
    let publication: Publication
  }

  /// Pushes a base, then an image above it with a layer of 3 MB, and reads all of it back.
  @discardableResult
  private func exchange(_ quirks: Set<QuirkyRegistry.Quirk>) throws -> Exchange {
    let server = try QuirkyRegistry(quirks)
    var options = try RegistryOptions.testing(login: server.address, in: folder)
    options.largestChunk = 2 << 20
    func registry(_ repository: String) throws -> Registry {
      try Registry(host: server.address, repository: repository, options: options)
    }
    let store = MemoryStore()
    let base = try RandomImage.base(in: store, layers: 1, size: 10_000)
    _ = try publish(base, base: store, to: registry("base"), tags: ["latest"])
    let image = try RandomImage.appending(1, to: base, in: folder, size: 3_000_000)
    let publication = try publish(image, base: registry("base"), to: registry("app"), tags: ["one", "two"])
    let layout = try ImageLayoutDestination(folder.file("layout"))
    let found = try registry("app").image(.tag("two"), platform: image.configuration.platform)
    #expect(try publish(found.image, base: registry("app"), to: layout, tags: []).digest == publication.digest)
    return Exchange(registry: server, publication: publication)
  }

  @Test(arguments: QuirkyRegistry.Quirk.allCases) func `one quirk is met`(quirk: QuirkyRegistry.Quirk) throws {
    try exchange([quirk])
  }

  @Test(
    arguments: [
      [.asksForChunks, .staysAtFirstChunk, .mountsAreInvisible, .tagsAreImmutable, .uploadsElsewhere],  // ECR
      [.limitsChunks, .redirectsReads, .tokens],  // GHCR
      [.redirectsReads, .uploadsElsewhere, .tokens],  // GAR
      [.tokens, .refusesHead, .relativeLocation],  // ACR
      [.refusesMounts, .redirectsReads, .tokens],  // Quay
      [.mountOfUnknownIsBad, .limitsRequests, .tagsAreImmutable],  // Harbor behind nginx
      [.tokens, .refusesWholePut, .limitsRequests],  // GitLab, Artifactory
      [.limitsRate, .redirectsReads, .tokens, .leavesHeadersOut],  // Docker Hub
    ] as [Set<QuirkyRegistry.Quirk>]) func `several quirks are met`(quirks: Set<QuirkyRegistry.Quirk>) throws
  {
    try exchange(quirks)
  }

  @Test func `a mount that shows only after the manifest moves no byte`() throws {
    let exchange = try exchange([.mountsAreInvisible])
    #expect(exchange.publication.blobs.first?.outcome == .mounted)
  }

  @Test func `every tag is written once`() throws {
    let lines = try exchange([.tagsAreImmutable]).registry.lines
    #expect(
      lines.filter { $0.hasPrefix("PUT /v2/app/manifests") } == [
        "PUT /v2/app/manifests/one", "PUT /v2/app/manifests/two",
      ])
  }

  @Test func `a storage elsewhere gets bytes and no credential`() throws {
    let registry = try exchange([.uploadsElsewhere, .redirectsReads, .tokens]).registry
    #expect(registry.storageRequests.contains { $0.method == "PUT" })
    #expect(registry.storageRequests.contains { $0.method == "GET" })
    #expect(registry.storageRequests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func `chunks that are dropped are noticed, and the blob goes in one piece`() throws {
    let lines = try exchange([.asksForChunks, .dropsLaterChunks]).registry.lines
    #expect(lines.contains { $0.hasPrefix("PATCH") })
  }
}
