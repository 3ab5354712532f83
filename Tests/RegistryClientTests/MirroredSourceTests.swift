import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// Bases that are read from mirrors.
@Suite struct MirroredSourceTests {
  let folder: TemporaryFolder
  let server: RegistryServer
  let base: Image

  init() throws {
    folder = try TemporaryFolder("mirrors")
    server = try RegistryServer(root: folder.file("registry"))
    server.start()
    let store = MemoryStore()
    base = try RandomImage.base(in: store, layers: 2, size: 300_000)
    _ = try publish(base, base: store, to: registry(server.address, "library/base"), tags: ["latest"])
  }

  private func registry(_ address: String, _ repository: String) throws -> SematicRegistryClient.Registry {
    var options = RegistryOptions.testing
    options.retry.tries = 2
    return try SematicRegistryClient.Registry(host: address, repository: repository, options: options)
  }

  private func pull(_ source: MirroredSource) throws -> Digest {
    let found = try source.image(.tag("latest"), platform: base.configuration.platform)
    let layout = try ImageLayoutDestination(folder.file("layout"))
    return try publish(found.image, base: source, to: layout, tags: []).digest
  }

  @Test func `the mirror is read, and the registry is not`() throws {
    let upstream = try ScriptedServer { _ in .status(500) }
    let source = MirroredSource(
      try registry(upstream.address, "base"), mirrors: [try registry(server.address, "library/base")])
    #expect(try pull(source) == base.encoded().manifestDescriptor.digest)
    #expect(upstream.requests.isEmpty)
  }

  @Test(arguments: [404, 401, 500]) func `a mirror that fails is passed over`(status: Int) throws {
    let mirror = try ScriptedServer { _ in .status(status) }
    let source = MirroredSource(
      try registry(server.address, "library/base"), mirrors: [try registry(mirror.address, "hub/base")])
    #expect(try pull(source) == base.encoded().manifestDescriptor.digest)
    #expect(!mirror.requests.isEmpty)
  }

  @Test func `what a mirror began, the registry ends`() throws {
    let proxy = try FaultProxy(to: server.address) { request in
      request.method == "GET" && request.path.contains("/blobs/") ? .cutAnswer(after: 1000) : nil
    }
    let source = MirroredSource(
      try registry(server.address, "library/base"), mirrors: [try registry(proxy.address, "library/base")])
    #expect(try pull(source) == base.encoded().manifestDescriptor.digest)
    #expect(proxy.faults > 0)
  }

  @Test func `a mirror that lies is found out, even where the registry ends what it began`() throws {
    let layer = try #require(base.layers.first).descriptor
    let wrong = [UInt8](repeating: 1, count: 290_000)
    let mirror = try ScriptedServer { _ in .cut(200, wrong, length: Int(layer.size)) }
    let source = MirroredSource(
      try registry(server.address, "library/base"), mirrors: [try registry(mirror.address, "base")])
    #expect(throws: BlobMismatch.self) { try source.readBlob(layer) { _ in } }
  }

  @Test func `a mirror in the registry that is pushed to is mounted from`() throws {
    let upstream = try ScriptedServer { _ in .status(500) }
    let source = MirroredSource(
      try registry(upstream.address, "base"), mirrors: [try registry(server.address, "library/base")])
    let target = try registry(server.address, "app")
    let publication = try publish(base, base: source, to: target, tags: ["one"])
    #expect(publication.blobs.filter { $0.kind == .layer }.map(\.outcome) == [.mounted, .mounted])
  }

  @Test func `two repositories of a registry share their token and their way to it`() throws {
    let service = try ScriptedServer { _ in .text(200, #"{"token":"good"}"#) }
    let realm = "http://\(service.address)/token"
    let server = try ScriptedServer { request in
      request.headers["authorization"] == "Bearer good"
        ? .text(200, #"{"tags":["a"]}"#) : .status(401, ["WWW-Authenticate": "Bearer realm=\"\(realm)\""])
    }
    let one = try registry(server.address, "a")
    let two = try registry(server.address, "a")
    _ = try one.tags()
    _ = try two.tags()
    #expect(service.requests.count == 1)
    #expect(server.lines == ["GET /v2/", "GET /v2/a/tags/list", "GET /v2/a/tags/list", "GET /v2/a/tags/list"])
    var other = RegistryOptions.testing
    other.environment["HOME"] = folder.path
    _ = try SematicRegistryClient.Registry(host: server.address, repository: "a", options: other).tags()
    #expect(service.requests.count == 2)
  }
}
