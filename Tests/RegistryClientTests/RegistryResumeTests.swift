import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// Uploads that were cut off, and uploads in chunks.
@Suite struct RegistryResumeTests {
  let folder: TemporaryFolder
  let server: RegistryServer
  let layer: [UInt8]
  private static let bytes = (0..<24).flatMap { [UInt8](repeating: $0, count: 1 << 17) }

  init() throws {
    folder = try TemporaryFolder("resume")
    server = try RegistryServer(root: folder.file("registry"))
    server.start()
    layer = Self.bytes
  }

  private func descriptor() throws -> Descriptor { try Descriptor(of: layer, mediaType: .layer) }

  private func write(to address: String, _ content: BlobContent? = nil) throws -> Int64 {
    var options = RegistryOptions.testing
    // Enough for a machine that is busy with other tests.
    options.retry = RetryPolicy(tries: 8, pause: 0.05)
    let registry = try SematicRegistryClient.Registry(host: address, repository: "app", options: options)
    var bytes: Int64 = 0
    try registry.writeBlob(descriptor(), from: content ?? .bytes(Data(layer))) { bytes += $0 }
    #expect(try registry.hasBlob(descriptor()))
    return bytes
  }

  /// The lengths of the bodies that went to uploads.
  private func bodies(_ proxy: FaultProxy, _ method: String) -> [Int] {
    proxy.requests.filter { $0.method == method && $0.path.contains("/uploads/") }
      .map { $0.headers["content-length"].flatMap { Int($0) } ?? 0 }
  }

  @Test func `what the registry has already is not sent again`() throws {
    let proxy = try FaultProxy(to: server.address) { request in
      if request.method == "PUT", request.earlier == 0 { return .cutRequest(after: 2 << 20) }
      // So that the registry has read by then what came to it.
      return request.method == "GET" ? .delay(seconds: 1) : nil
    }
    #expect(try write(to: proxy.address) == Int64(layer.count))
    #expect(proxy.requests.count { $0.method == "PUT" } == 2)
    let rest = try #require(bodies(proxy, "PATCH").first)
    #expect(rest <= 1 << 20)
    #expect(proxy.requests.first { $0.method == "PATCH" }?.headers["content-range"] == "\(layer.count - rest)-3145727")
    #expect(proxy.lines.count { $0 == "POST /v2/app/blobs/uploads/" } == 1)
  }

  @Test func `a stream from another registry goes on in its middle, on both sides`() throws {
    let layer = [UInt8](repeating: 3, count: 12 << 20)
    let source = try ScriptedServer { request in
      guard let range = request.headers["range"], let start = Int(range.dropFirst(6).dropLast()) else {
        return request.path.contains("blobs") ? .bytes(200, layer) : .status(200)
      }
      return .bytes(206, Array(layer[start...]), ["Content-Range": "bytes \(start)-\(layer.count - 1)/\(layer.count)"])
    }
    let from = try SematicRegistryClient.Registry(host: source.address, repository: "base", options: .testing)
    let proxy = try FaultProxy(to: server.address) { request in
      if request.method == "PUT", request.earlier == 0 { return .cutRequest(after: 9 << 20) }
      return request.method == "GET" ? .delay(seconds: 1) : nil
    }
    let registry = try SematicRegistryClient.Registry(host: proxy.address, repository: "app", options: .testing)
    let descriptor = try Descriptor(of: layer, mediaType: .layer)
    try registry.writeBlob(descriptor, from: .source(from)) { _ in }
    #expect(try registry.hasBlob(descriptor))
    #expect(try #require(bodies(proxy, "PATCH").first) <= 4 << 20)
    let ranges = source.requests.compactMap { $0.headers["range"] }
    #expect(ranges.count == 1)
    #expect(Int(try #require(ranges.first).dropFirst(6).dropLast()).map { (4 << 20...9 << 20).contains($0) } == true)
  }

  @Test func `a rest that breaks off is continued again`() throws {
    let proxy = try FaultProxy(to: server.address) { request in
      switch (request.method, request.earlier) {
      case ("PUT", 0): .cutRequest(after: 1 << 20)
      case ("PATCH", 0): .cutRequest(after: 1 << 20)
      case ("PATCH", 1): .lostAnswer
      default: nil
      }
    }
    #expect(try write(to: proxy.address) == Int64(layer.count))
    #expect(proxy.faults == 3)
    #expect(bodies(proxy, "PATCH").count == 2)
    #expect(bodies(proxy, "PUT") == [layer.count, 0])
  }

  @Test func `a registry that is wrong about what it has gets all of it`() throws {
    let server = try ScriptedServer { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/u/\(request.earlier)"])
      case "GET": .status(204, ["Range": "0-99999", "Location": "/u/resumed"])
      case "PATCH": .status(202, ["Location": "/u/resumed"])
      case "PUT": request.path == "/u/0" ? .raw("") : request.path == "/u/1" ? .status(201) : .text(400, "digest")
      default: .status(404)
      }
    }
    let registry = try SematicRegistryClient.Registry(host: server.address, repository: "app", options: .testing)
    try registry.writeBlob(descriptor(), from: .bytes(Data(layer))) { _ in }
    #expect(server.requests.last?.path == "/u/1")
    #expect(server.requests.last?.body.count == layer.count)
  }

  @Test(
    arguments: [
      (nil, 0), ("0-0", 0), ("0-9", 10), ("bytes=0-9", 10), ("bytes 0-9", 10), ("1-9", 0), ("0", 0), ("0--1", 0),
      ("0-99999999999999999999", 0), ("0-9223372036854775807", 0), ("", 0), ("-", 0),
    ] as [(String?, Int64)])
  func `a Range is understood`(_ range: String?, _ count: Int64) { #expect(UploadSession.received(range) == count) }

  @Test func `a registry that wants chunks gets them`() throws {
    let server = try ScriptedServer { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/u/begin", "OCI-Chunk-Min-Length": "1000000"])
      case "PATCH": .status(202, ["Location": "/u/\(request.target.count)"])
      case "PUT": .status(201)
      default: .status(404)
      }
    }
    var options = RegistryOptions.testing
    options.largestChunk = 2_000_000
    let registry = try SematicRegistryClient.Registry(host: server.address, repository: "app", options: options)
    try registry.writeBlob(descriptor(), from: .bytes(Data(layer))) { _ in }
    let chunks = server.requests.filter { $0.method == "PATCH" }
    #expect(chunks.map(\.path) == ["/u/begin", "/u/8"])
    #expect(chunks.map { $0.headers["content-range"] } == ["0-1999999", "2000000-3145727"])
    let isWhole = chunks.flatMap(\.body) == layer
    #expect(isWhole)
    #expect(server.requests.last?.target == "/u/4?digest=\(try descriptor().digest)")
  }

  @Test func `a proxy that takes no large request gets small ones, and is not tried with large ones again`() throws {
    let proxy = try FaultProxy(to: server.address) { request in
      request.headers["content-length"].flatMap { Int($0) } ?? 0 > 1 << 20 ? .status(413) : nil
    }
    let registry = try SematicRegistryClient.Registry(host: proxy.address, repository: "app", options: .testing)
    try registry.writeBlob(descriptor(), from: .bytes(Data(layer))) { _ in }
    #expect(try registry.hasBlob(descriptor()))
    #expect(proxy.faults == 2)
    #expect(bodies(proxy, "PATCH").filter { $0 <= 1 << 20 } == [1 << 20, 1 << 20, 1 << 20])
    let other = [UInt8](repeating: 77, count: layer.count)
    try registry.writeBlob(try Descriptor(of: other, mediaType: .layer), from: .bytes(Data(other))) { _ in }
    #expect(proxy.faults == 2)
  }
}
