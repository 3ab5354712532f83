import Foundation
import SematicFiles
import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct ServerConnectionTests {
  @Test func `a connection serves many requests`() throws {
    let registry = try TestRegistry()
    for _ in 0..<50 { #expect(try registry.call("GET", "").status == 200) }
    // All at once, without waiting for an answer.
    let one = "GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"
    try registry.client.send(String(repeating: one, count: 20) + "\r\n" + one)
    for _ in 0..<21 { #expect(try registry.client.response().status == 200) }
  }

  @Test func `a body that nobody read is not taken for a request`() throws {
    let registry = try TestRegistry()
    let hidden = "GET /v2/hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    try registry.client.send(
      "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)"
        + "GET /v2/_catalog HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try registry.client.response().text == "{}")
    #expect(try registry.client.response().text.contains("repositories"))
  }

  @Test func `the connection ends when it should`() throws {
    let registry = try TestRegistry()
    for head in [
      "GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
      "GET /v2/ HTTP/1.0\r\n\r\n",
    ] {
      let client = try HTTPClient(port: registry.server.port)
      try client.send(head)
      let answer = try client.response()
      #expect(answer.status == 200)
      #expect(answer["Connection"] == "close")
      #expect(try client.isAtEnd())
    }
    let client = try HTTPClient(port: registry.server.port)
    for _ in 0..<2 {
      try client.send("GET /v2/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      #expect(try client.response()["Connection"] == "keep-alive")
    }
  }

  @Test func `a client that expects 100-continue is told to continue`() throws {
    let registry = try TestRegistry()
    let head = "POST /v2/a/blobs/uploads/?digest=\(try digest("hello")) HTTP/1.1\r\nHost: a\r\n"
    try registry.client.send(head + "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n")
    #expect(try registry.client.response().status == 100)
    try registry.client.send("hello")
    #expect(try registry.client.response().status == 201)
  }

  @Test func `a client whose request fails is told so instead of to continue`() throws {
    let registry = try TestRegistry()
    try registry.client.send(
      "POST /v2/A/blobs/uploads/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    let answer = try registry.client.response()
    #expect(answer.status == 400)
    #expect(answer["Connection"] == "close")
  }

  @Test func `a big body that is refused does not cost the answer`() throws {
    let registry = try TestRegistry()
    let body = [UInt8](repeating: 0, count: 20 << 20)
    let answer = try registry.call("PUT", "a/manifests/v1", body: body)
    #expect(answer.status == 413)
    #expect(answer["Connection"] == "close")
    #expect(try registry.client.isAtEnd())
  }

  @Test(arguments: [
    "x\r\n", "-1\r\n", "+1\r\na\r\n", "\r\n", "0x1\r\na\r\n", "1\na\r\n", "1\r\nab\r\n", "ffffffffffffffff\r\n",
    ";\r\n",
    "1\r\na\n", "0\r\nX y\r\n\r\n", "g\r\n", "1;\u{1}\n",
  ])
  func `a malformed chunk ends the connection`(chunks: String) throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let client = try HTTPClient(port: registry.server.port)
    try client.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
    let answer = try client.response()
    #expect(answer.status == 400)
    #expect(answer["Connection"] == "close")
    #expect(try registry.call("GET", "").status == 200)
  }

  @Test func `chunks may have trailers and any size`() throws {
    let registry = try TestRegistry()
    let text = String(repeating: "0123456789", count: 100_000)
    var body = ""
    var rest = Substring(text)
    var size = 1
    while !rest.isEmpty {
      let piece = rest.prefix(size)
      body += "\(String(piece.utf8.count, radix: 16, uppercase: true)) ;name=\"value\"\r\n\(piece)\r\n"
      rest = rest.dropFirst(size)
      size = size * 3 + 1
    }
    try registry.client.send(
      "POST /v2/a/blobs/uploads/?digest=\(digest(text)) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + body + "000\r\nX-Trailer: value\r\n\r\n")
    #expect(try registry.client.response().status == 201)
    #expect(try registry.call("GET", "a/blobs/\(digest(text))").text == text)
  }

  @Test func `a slow client is bounded by the timeout`() throws {
    let registry = try TestRegistry { $0.idleTimeout = 1 }
    // Nothing at all; half a head; a head that drips; half a body.
    let silent = try HTTPClient(port: registry.server.port)
    let half = try HTTPClient(port: registry.server.port)
    try half.send("GET /v2/ HTTP/1.1\r\nHos")
    let body = try HTTPClient(port: registry.server.port)
    try body.send("POST /v2/a/blobs/uploads/?digest=\(digest("x")) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx")
    let dripping = try HTTPClient(port: registry.server.port)
    var drops = 0
    while drops < 1000, (try? dripping.send(drops == 0 ? "GET /v2/ HTTP/1.1\r\nX: " : "x")) != nil {
      usleep(20_000)
      drops += 1
    }
    #expect(drops < 1000)
    #expect(try silent.isAtEnd())
    #expect(try half.response().status == 408)
    #expect(try body.response().status == 408)
    #expect(try FileTree.names(in: "\(registry.root)/uploads").isEmpty)
  }

  @Test func `a client that leaves disturbs nobody`() throws {
    let registry = try TestRegistry()
    let content = String(repeating: "0123456789abcdef", count: 1 << 20)
    let blob = try registry.blob(content, in: "a")
    for bytes in [
      "", "GET", "GET /v2/ HTTP/1.1\r\n", "GET /v2/a/blobs/\(blob.digest) HTTP/1.1\r\nHost: a\r\n\r\n",
      "PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nx",
    ] {
      // The client goes out of scope, which closes the connection with the answer unread.
      let client = try HTTPClient(port: registry.server.port)
      try client.send(bytes)
    }
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").text == content)
  }
}
