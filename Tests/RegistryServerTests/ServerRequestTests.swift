import Foundation
import SematicOCI
import Testing

@testable import SematicRegistryServer

/// Requests that two readers could understand differently, or that are no requests at all.
@Suite struct ServerRequestTests {
  /// The answer to bytes on a connection of their own, which must end with it.
  private func answer(to bytes: String, _ registry: TestRegistry) throws -> HTTPClient.Response {
    let client = try HTTPClient(port: registry.server.port)
    try client.send(bytes)
    let response = try client.response()
    #expect(response["Connection"] == "close")
    client.finishSending()
    #expect(try client.isAtEnd())
    return response
  }

  @Test(arguments: [
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\nHost: a\n\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET  /v2/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/ HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    (" GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/\r\nHost: a\r\n\r\n", 400),
    ("GET v2/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("G\u{1}T /v2/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/% HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/%1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/?x=%g HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v2/ HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("GET /v2/ HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417),
    ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400),
  ])
  func `a malformed request ends the connection`(bytes: String, status: Int) throws {
    let registry = try TestRegistry()
    #expect(try answer(to: bytes, registry).status == status)
    #expect(try registry.call("GET", "").status == 200)
  }

  @Test func `what is too long is refused`() throws {
    let registry = try TestRegistry()
    let long = String(repeating: "a", count: 70_000)
    #expect(try answer(to: "GET /v2/\(long) HTTP/1.1\r\nHost: a\r\n\r\n", registry).status == 414)
    #expect(try answer(to: "GET /v2/ HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", registry).status == 431)
    // Without an end, too: nothing is collected beyond the bound.
    #expect(try answer(to: "GET /v2/ HTTP/1.1\r\nHost: a\r\nX: \(long)", registry).status == 431)
    #expect(try answer(to: long, registry).status == 414)
    let many = String(repeating: "X: a\r\n", count: 129)
    #expect(try answer(to: "GET /v2/ HTTP/1.1\r\nHost: a\r\n\(many)\r\n", registry).status == 431)
    let big = String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 100)
    #expect(try answer(to: "GET /v2/ HTTP/1.1\r\nHost: a\r\n\(big)\r\n", registry).status == 431)
  }

  @Test func `every form of a target is understood`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    let path = "/v2/a/blobs/\(blob.digest)"
    for target in [
      path, "http://127.0.0.1:5000\(path)", "HTTP://x\(path)", "https://x\(path)?y=z",
      path.replacingOccurrences(of: ":", with: "%3a"), path.replacingOccurrences(of: "/a/", with: "/%61/"),
    ] {
      #expect(try registry.client.request("GET", target).text == "hello")
    }
    #expect(try registry.client.request("GET", "http://127.0.0.1").status == 404)
  }
}
