import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// Layers that are sent while they are built.
@Suite struct BlobStreamTests {
  private typealias Registry = SematicRegistryClient.Registry

  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image
  private let seen = Guarded<Set<String>>([])
  /// The layers that are ours.
  var ours: [Layer] { Array(image.layers.suffix(2)) }

  init() throws {
    folder = try TemporaryFolder("blob-stream")
    image = try RandomImage.appending(2, to: RandomImage.base(in: store, layers: 1), in: folder, size: 3 << 20)
  }

  private struct Push {
    let publication: Publication
    /// The bytes that progress told of for the two layers.
    let told: [Int64]
  }

  /// Pushes the image; each layer of ours becomes whole when `isSeen` says so of the first half.
  private func push(
    to address: String, options: RegistryOptions = .testing, isSeen: (_ number: Int) throws -> Bool
  ) throws -> Push {
    let registry = try Registry(host: address, repository: "app", options: options)
    let told = Guarded<[Digest: Int64]>([:])
    let early = EarlyLayers(to: registry, streams: true) { event in
      guard case .moved(let descriptor, let bytes) = event else { return }
      told.withLock { $0[descriptor.digest, default: 0] += bytes }
    }
    defer { early.end() }
    for (number, layer) in ours.enumerated() {
      let growing = try GrowingLayer(layer)
      let blob = try #require(early.blob(of: 16 << 20))
      try growing.grow(blob, by: 1 << 20)
      while try !isSeen(number) { usleep(1000) }
      try growing.grow(blob)
      early.send(layer, as: blob)
    }
    let request = PublishRequest(image, base: store, tags: ["one"])
    let publication = try #require(try publish([request], to: registry, after: early).first)
    for layer in image.layers { try registry.readBlob(layer.descriptor) { _ in } }
    #expect(try registry.manifest(.tag("one")).descriptor.digest == image.encoded().manifestDescriptor.digest)
    return Push(
      publication: publication,
      told: told.withLock { told in ours.map { told[$0.descriptor.digest] ?? 0 } })
  }

  private func serve() throws -> RegistryServer {
    let server = try RegistryServer(root: folder.file("registry"))
    server.start()
    return server
  }

  /// The uploads under way of which something has come.
  private var uploads: Set<String> {
    let folder = folder.file("registry/uploads")
    return Set((try? FileTree.names(in: folder)) ?? []).filter { name in
      (try? FileStatus(of: "\(folder)/\(name)").size) ?? 0 > 0
    }
  }

  /// Whether something has come of one more upload than `number`.
  private func areSeen(_ number: Int, _ uploads: Set<String>) -> Bool {
    seen.withLock { seen in
      seen.formUnion(uploads)
      return seen.count > number
    }
  }

  private func check(_ push: Push) {
    let sizes = ours.map(\.descriptor.size)
    #expect(push.told == sizes)
    #expect(push.publication.blobs.map(\.outcome) == Array(repeating: .written, count: 4))
    #expect(push.publication.bytesSent == push.publication.blobs.reduce(0) { $0 + $1.descriptor.size })
  }

  @Test func `a registry has the beginning of a layer before its end is known`() throws {
    let server = try serve()
    let proxy = try FaultProxy(to: server.address) { _ in nil }
    // Some of the beginning has come before the rest is made.
    check(try push(to: proxy.address) { areSeen($0, uploads) })
    #expect(uploads == [])
    let lines = proxy.lines
    #expect(lines.count { $0 == "GET /v2/app/tags/list" } == 1)
    // One session for each layer of ours; the base's and the configuration have theirs.
    #expect(lines.count { $0.hasPrefix("POST ") } == 4)
    #expect(lines.count { $0.hasPrefix("PATCH ") } == 2)
    // The base's layer and the configuration are small: in a new repository, they are sent without a question.
    #expect(!lines.contains { $0.hasPrefix("HEAD ") })
    #expect(proxy.requests.filter { $0.method == "PATCH" }.allSatisfy { $0.isChunked && $0.earlier == 0 })
    #expect(!lines.contains { $0.hasPrefix("DELETE ") })
  }

  @Test(.enabled(if: TLSProxy.isAvailable)) func `a layer is sent by TLS while it is built`() throws {
    let server = try serve()
    let front = try TLSProxy(port: server.port)
    var options = RegistryOptions.testing
    options.caFile = front.certificate.authority
    let address = String(front.address.dropFirst("https://".count))
    check(try push(to: address, options: options) { areSeen($0, uploads) })
  }

  @Test(.enabled(if: DockerRegistry.isAvailable), arguments: [false, true])
  func `docker-registry takes a layer while it is built`(needsToken: Bool) throws {
    let tokens = try TokenServer()
    let server = try DockerRegistry(needsToken ? .token(tokens) : .open)
    let options = try needsToken ? RegistryOptions.testing(login: server.address, in: folder) : .testing
    check(try push(to: server.address, options: options) { areSeen($0, server.uploads) })
    let log = server.log.split(separator: "\n")
    #expect(log.count { $0.contains("\"PATCH /v2/app/blobs/uploads/") } == 2)
    #expect(log.count { $0.contains("\"POST /v2/app/blobs/uploads/") && $0.contains(" 202 ") } == 4)
    #expect(server.uploads == [])
  }

  @Test(
    arguments: [
      .status(411), .status(404), .status(401), .status(413), .status(500), .cutRequest(after: 1 << 19), .lostAnswer,
      .cutHead, .redirect(to: "127.0.0.1:9"),
    ] as [Fault])
  func `a registry that refuses gets the layer afterwards, and is not tried again`(fault: Fault) throws {
    let server = try serve()
    let proxy = try FaultProxy(to: server.address) { $0.method == "PATCH" && $0.isChunked ? fault : nil }
    check(try push(to: proxy.address) { number in number > 0 || proxy.lines.contains { $0.hasPrefix("PATCH ") } })
    #expect(proxy.requests.count { $0.isChunked } == 1)
    #expect(proxy.lines.count { $0.hasPrefix("HEAD ") } == 2)
    #expect(proxy.lines.count { $0.hasPrefix("DELETE ") } == 1)
    #expect(uploads == [])
  }

  @Test func `a registry that wants chunks of a size gets those`() throws {
    let server = try serve()
    let proxy = try FaultProxy(
      to: server.address,
      rewriting: { request, head in request.method == "POST" ? head + ["OCI-Chunk-Min-Length: 1000000"] : head }
    ) { _ in nil }
    check(try push(to: proxy.address) { number in number > 0 || proxy.lines.contains { $0.hasPrefix("DELETE ") } })
    #expect(!proxy.requests.contains { $0.isChunked })
    #expect(uploads == [])
  }

  /// The requests of a push to a registry that is asked for its tags, and gives this answer.
  private func requests(_ fault: Fault?) throws -> [FaultProxy.Request] {
    let server = try serve()
    if fault == nil {
      let registry = try Registry(host: server.address, repository: "app", options: .testing)
      _ = try publish(RandomImage.base(in: store, tag: "other"), base: store, to: registry, tags: ["other"])
    }
    let proxy = try FaultProxy(to: server.address) { $0.path == "/v2/app/tags/list" ? fault : nil }
    _ = try push(to: proxy.address) { _ in proxy.lines.contains { $0.hasSuffix("/tags/list") } }
    return proxy.requests
  }

  @Test(arguments: [nil, .status(403), .status(500), .cutHead] as [Fault?])
  func `a repository that has tags, or does not tell, is asked for a layer first`(fault: Fault?) throws {
    let requests = try requests(fault)
    #expect(!requests.contains { $0.isChunked })
    #expect(requests.count { $0.path == "/v2/app/tags/list" } == 1)
    #expect(requests.count { $0.method == "HEAD" } == 4)
  }

  @Test func `a layer that is whole does not wait for one that is being built`() throws {
    let server = try serve()
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    let early = EarlyLayers(to: registry, streams: true) { _ in }
    defer { early.end() }
    let growing = try GrowingLayer(ours[0])
    let blob = try #require(early.blob(of: 16 << 20))
    try growing.grow(blob, by: 1 << 20)
    while uploads.isEmpty { usleep(1000) }
    early.send(ours[1])
    while try !registry.hasBlob(ours[1].descriptor) { usleep(1000) }
    #expect(blob.isGrowing)
    try growing.grow(blob)
    early.send(ours[0], as: blob)
    #expect(try early.take(ours[0].descriptor)?.outcome == .written)
    #expect(try early.take(ours[1].descriptor)?.outcome == .written)
  }

  @Test func `nothing is left of a layer whose building fails`() throws {
    let server = try serve()
    let proxy = try FaultProxy(to: server.address) { _ in nil }
    let registry = try Registry(host: proxy.address, repository: "app", options: .testing)
    let early = EarlyLayers(to: registry, streams: true) { _ in }
    let blob = try #require(early.blob(of: 16 << 20))
    let growing = try GrowingLayer(ours[0])
    try growing.grow(blob, by: 1 << 20)
    while uploads.isEmpty { usleep(1000) }
    early.end()
    #expect(proxy.lines.last?.hasPrefix("DELETE /v2/app/blobs/uploads/") == true)
    #expect(uploads == [])
    #expect(try registry.tags() == [])
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["GET", "POST", "PATCH"])
  func `a layer is given up though the registry says nothing`(method: String) throws {
    let server = try serve()
    let proxy = try FaultProxy(to: server.address) { request in
      request.method == method && request.path != "/v2/" ? .stallAnswer(after: 0) : nil
    }
    var options = RegistryOptions.testing
    options.stallSeconds = 3600
    let registry = try Registry(host: proxy.address, repository: "app", options: options)
    let early = EarlyLayers(to: registry, streams: true) { _ in }
    defer { early.end() }
    let blob = try #require(early.blob(of: 16 << 20))
    try GrowingLayer(ours[0]).grow(blob, by: 1 << 20)
    while !proxy.lines.contains(where: { $0.hasPrefix("\(method) /v2/app/") }) { usleep(1000) }
    early.abandon()
    #expect(blob.isAbandoned)
  }

  @Test(.enabled(if: DockerRegistry.isAvailable)) func `docker-registry keeps nothing of a layer whose building fails`()
    throws
  {
    let server = try DockerRegistry()
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    let early = EarlyLayers(to: registry, streams: true) { _ in }
    let blob = try #require(early.blob(of: 16 << 20))
    try GrowingLayer(ours[0]).grow(blob, by: 1 << 20)
    while server.uploads.isEmpty { usleep(1000) }
    early.end()
    #expect(server.uploads == [])
  }

  @Test(arguments: QuirkyRegistry.Quirk.allCases)
  func `whatever a registry is like, a layer that began early arrives`(quirk: QuirkyRegistry.Quirk) throws {
    let server = try QuirkyRegistry([quirk])
    check(try push(to: server.address) { _ in server.lines.contains { $0.hasSuffix("/tags/list") } })
  }

  @Test func `an upload that was taken whole and is lost is made anew`() throws {
    let server = try serve()
    // The registry forgets the session between the last byte and the digest.
    let proxy = try FaultProxy(to: server.address) { request in
      request.method == "PUT" && request.headers["content-length"] == "0" ? .status(404) : nil
    }
    check(try push(to: proxy.address) { areSeen($0, uploads) })
    #expect(proxy.faults > 0)
  }
}

extension DockerRegistry {
  /// The uploads under way of which something has come.
  fileprivate var uploads: Set<String> {
    let folder = store + "/docker/registry/v2/repositories/app/_uploads"
    return Set((try? FileTree.names(in: folder)) ?? []).filter { name in
      (try? FileStatus(of: "\(folder)/\(name)/data").size) ?? 0 > 0
    }
  }
}
