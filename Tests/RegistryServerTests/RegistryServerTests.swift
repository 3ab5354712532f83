import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicRegistryServer

@Suite struct RegistryServerTests {
  @Test func `a port that is taken is named`() throws {
    let registry = try TestRegistry()
    let port = registry.server.port
    #expect(registry.server.address == "127.0.0.1:\(port)")
    #expect(throws: RegistryServerError.addressInUse(host: "127.0.0.1", port: port)) {
      try TestRegistry { $0.port = port }
    }
    #expect(
      RegistryServerError.addressInUse(host: "127.0.0.1", port: 5000).description
        == "cannot serve the registry on 127.0.0.1:5000: another program uses this port")
  }

  @Test func `an invalid host is an error`() throws {
    #expect(throws: RegistryServerError.self) { try TestRegistry { $0.host = "no such host" } }
    #expect(throws: RegistryServerError.self) { try TestRegistry { $0.host = "192.0.2.1" } }
  }

  @Test func `after stop the port is free and the images are there`() throws {
    let port = try freePort()
    let first = try TestRegistry { $0.port = port }
    let manifest = try first.manifest(in: "a")
    _ = try first.put(manifest, "a", "v1")
    let idle = try HTTPClient(port: first.server.port)
    #expect(try idle.request("GET", "/v2/").status == 200)
    first.server.stop()
    first.server.stop()
    #expect(try idle.isAtEnd())
    #expect(throws: HTTPClient.Failure.self) { try HTTPClient(port: port) }
    let second = try TestRegistry(in: first.folder) { $0.port = port }
    #expect(Data(try second.call("GET", "a/manifests/v1").body) == manifest)
  }

  @Test func `stopping ends what is under way`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let client = try HTTPClient(port: registry.server.port)
    try client.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
    #expect(try client.response().status == 100)
    registry.server.stop()
    #expect(throws: HTTPClient.Failure.self) { try client.response() }
  }

  @Test func `a server that was never started gives its port back`() throws {
    let folder = try TemporaryFolder("registry")
    var options = RegistryServer.Options()
    options.port = try freePort()
    let port = try RegistryServer(root: folder.path, options: options).port
    let registry = try TestRegistry { $0.port = port }
    #expect(registry.server.port == port)
  }

  @Test func `idle connections give way`() throws {
    let registry = try TestRegistry { $0.maximumConnections = 4 }
    let idle = try (0..<20).map { _ in try HTTPClient(port: registry.server.port) }
    for _ in 0..<20 {
      let client = try HTTPClient(port: registry.server.port)
      #expect(try client.request("GET", "/v2/").status == 200)
    }
    #expect(idle.count == 20)
  }

  @Test func `many clients at once get their own`() throws {
    let registry = try TestRegistry { $0.maximumConnections = 8 }
    let port = registry.server.port
    let shared = String(repeating: "shared", count: 100_000)
    let sharedDigest = try digest(shared)
    let results = Results()
    DispatchQueue.concurrentPerform(iterations: 24) { number in
      results.add(
        Result {
          let client = try HTTPClient(port: port)
          let own = String(repeating: "\(number),", count: 50_000)
          let ownDigest = try digest(own)
          for (text, digest) in [(shared, sharedDigest), (own, ownDigest)] {
            let target = "/v2/r\(number % 3)/blobs/uploads/?digest=\(digest)"
            let put = try client.request("POST", target, ["Connection: keep-alive"], body: Array(text.utf8))
            guard put.status == 201 else { throw HTTPClient.Failure(reason: put.text) }
            let get = try client.request("GET", "/v2/r\(number % 3)/blobs/\(digest)")
            guard get.text == text else { throw HTTPClient.Failure(reason: "\(get.status)") }
          }
        })
    }
    #expect(results.failures.isEmpty)
    #expect(try registry.files("/uploads").isEmpty)
    #expect(try registry.files("/blobs").count == 25)
  }

  @Test func `every request is logged without its secrets`() throws {
    let lines = Lines()
    let registry = try TestRegistry {
      $0.logins = [("alice", "s3cret")]
      $0.log = { lines.add($0) }
    }
    let secret = Data("alice:s3cret".utf8).base64EncodedString()
    _ = try registry.call("GET", "a/tags/list?n=1", ["Authorization: Basic \(secret)"])
    registry.server.stop()
    #expect(lines.all == ["GET /v2/a/tags/list 404 78"])
  }
}

private final class Results: @unchecked Sendable {  // guarded by its lock
  private let lock = NSLock()
  private var results: [Result<Void, any Error>] = []
  func add(_ result: Result<Void, any Error>) { lock.withLock { results.append(result) } }
  var failures: [any Error] {
    lock.withLock {
      results.compactMap { result in
        if case .failure(let error) = result { error } else { nil }
      }
    }
  }
}

private final class Lines: @unchecked Sendable {  // guarded by its lock
  private let lock = NSLock()
  private var lines: [String] = []
  func add(_ line: String) { lock.withLock { lines.append(line) } }
  var all: [String] { lock.withLock { lines } }
}
