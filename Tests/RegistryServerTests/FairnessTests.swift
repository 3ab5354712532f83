import Foundation
import SematicFiles
import SematicOCI
import Testing

@testable import SematicRegistryServer

/// Clients that stop in the middle of something must not keep others waiting.
@Suite struct FairnessTests {
  /// The seconds until `GET /v2/` is answered on a new connection.
  private func wait(for registry: TestRegistry) throws -> Double {
    let began = Date()
    #expect(try HTTPClient(port: registry.server.port).request("GET", "/v2/").status == 200)
    return Date().timeIntervalSince(began)
  }

  private func clients(_ count: Int, _ registry: TestRegistry, sending bytes: String) throws -> [HTTPClient] {
    try (0..<count).map { _ in
      let client = try HTTPClient(port: registry.server.port)
      try client.send(bytes)
      return client
    }
  }

  @Test func `stalled clients keep nobody waiting`() throws {
    let registry = try TestRegistry()
    // More than the buffers of both sides of a connection hold.
    let blob = try registry.blob(String(repeating: "0123456789abcdef", count: 1 << 20), in: "a")
    let place = try registry.upload(in: "a")
    var stalled: [HTTPClient] = []
    for bytes in [
      "GET /v2/a/blobs/\(blob.digest) HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /v2/ HTTP/1.1\r\nHo",
      "PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
      "PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{",
      "PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
      "",
    ] {
      stalled += try clients(40, registry, sending: bytes)
      #expect(try wait(for: registry) < 1)
    }
    for _ in 0..<20 { #expect(try wait(for: registry) < 1) }
    #expect(try registry.manifest(in: "b").isEmpty == false)
    #expect(stalled.count == 240)
  }

  @Test func `stalled clients give way to new ones when all places are taken`() throws {
    let registry = try TestRegistry { $0.maximumConnections = 10 }
    let blob = try registry.blob(String(repeating: "0123456789abcdef", count: 1 << 20), in: "a")
    let readers = try clients(30, registry, sending: "GET /v2/a/blobs/\(blob.digest) HTTP/1.1\r\nHost: a\r\n\r\n")
    let halves = try clients(30, registry, sending: "GET /v2/ HTTP/1.1\r\nHo")
    for _ in 0..<10 { #expect(try wait(for: registry) < 1) }
    // Who was served before stays longer than who only came.
    #expect(try registry.call("GET", "").status == 200)
    #expect(readers.count + halves.count == 60)
  }

  @Test func `a client gets its answer while others send without end`() throws {
    let registry = try TestRegistry()
    let port = registry.server.port
    let isOver = Flag()
    let piece = [UInt8](repeating: 7, count: 1 << 20)
    let group = DispatchGroup()
    for _ in 0..<12 {
      let place = try registry.upload(in: "a")
      Thread.detach(in: group) {
        guard let client = try? HTTPClient(port: port) else { return }
        try? client.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n")
        var sent = 0
        while !isOver.isSet, sent < 40, (try? client.send(piece)) != nil { sent += 1 }
      }
    }
    for _ in 0..<10 { #expect(try wait(for: registry) < 1) }
    isOver.set()
    group.wait()
  }

  @Test func `manifests that do not come to their end take a bounded memory`() throws {
    let registry = try TestRegistry()
    let half = String(repeating: " ", count: 2 << 20)
    let head = "PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"
    let waiting = try (0..<16).map { _ in
      let client = try HTTPClient(port: registry.server.port)
      try client.send(head + half)
      usleep(20_000)
      return client
    }
    #expect(throws: (any Error).self) { if try !waiting[0].receive() { throw HTTPClient.Failure(reason: "closed") } }
    let last = try #require(waiting.last)
    try last.send(String(repeating: " ", count: 3_000_000 - half.utf8.count))
    #expect(try last.response().codes == ["MANIFEST_INVALID"])
  }

  @Test func `a new request takes an upload over from a connection that is silent`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let silent = try HTTPClient(port: registry.server.port)
    try silent.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
    while try registry.call("GET", place)["Range"] != "0-4" { usleep(10_000) }
    let began = Date()
    #expect(try registry.call("PATCH", place, ["Content-Range: 5-7"], body: "567").status == 202)
    #expect(Date().timeIntervalSince(began) < 2)
    // What the old connection still sends is not wanted any more, and does no harm.
    try silent.send("56789")
    let refused = try silent.response()
    #expect(refused.status == 409)
    #expect(refused.codes == ["BLOB_UPLOAD_INVALID"])
    let last = try registry.call("PUT", "\(place)?digest=\(digest("0123456789"))", ["Content-Range: 8-9"], body: "89")
    #expect(last.status == 201)
    #expect(try registry.call("GET", "a/blobs/\(digest("0123456789"))").text == "0123456789")
  }

  @Test func `a request takes an upload over that has no byte yet`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let silent = try HTTPClient(port: registry.server.port)
    try silent.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    #expect(try silent.response().status == 100)
    let second = try HTTPClient(port: registry.server.port)
    try second.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    #expect(try second.response().status == 100)
    try silent.send("xxxxx")
    #expect(try silent.response().status == 409)
    try second.send("01234")
    #expect(try second.response()["Range"] == "0-4")
    #expect(try registry.call("PUT", "\(place)?digest=\(digest("01234"))", body: "").status == 201)
  }

  @Test func `a server takes an upload over from another server of the folder`() throws {
    let first = try TestRegistry()
    let second = try TestRegistry(in: first.folder)
    let place = try first.upload(in: "a")
    let silent = try HTTPClient(port: first.server.port)
    try silent.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
    while try second.call("GET", place)["Range"] != "0-4" { usleep(10_000) }
    #expect(try second.call("PATCH", place, ["Content-Range: 5-7"], body: "567").status == 202)
    try silent.send("56789")
    #expect(try silent.response().status == 409)
    #expect(try second.call("GET", place)["Range"] == "0-7")
  }
}

private final class Flag: @unchecked Sendable {  // guarded by its lock
  private let lock = NSLock()
  private var value = false
  var isSet: Bool { lock.withLock { value } }
  func set() { lock.withLock { value = true } }
}

extension Thread {
  fileprivate static func detach(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    detachNewThread {
      body()
      group.leave()
    }
  }
}
