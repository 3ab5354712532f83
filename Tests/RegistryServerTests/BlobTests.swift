import SematicFiles
import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct BlobTests {
  @Test(arguments: [Digest.Algorithm.sha256, .sha512])
  func `a blob comes back as it was`(algorithm: Digest.Algorithm) throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a/b", algorithm)
    let answer = try registry.call("GET", "a/b/blobs/\(blob.digest)")
    #expect(answer.status == 200)
    #expect(answer.text == "hello")
    #expect(answer["Docker-Content-Digest"] == blob.digest.description)
    #expect(answer["Content-Type"] == "application/octet-stream")
    let head = try registry.call("HEAD", "a/b/blobs/\(blob.digest)")
    #expect(head.status == 200)
    #expect(head["Content-Length"] == "5")
    #expect(head["Docker-Content-Digest"] == blob.digest.description)
  }

  @Test func `an empty blob is a blob`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("", in: "a")
    let answer = try registry.call("GET", "a/blobs/\(blob.digest)")
    #expect(answer.status == 200)
    #expect(answer.body.isEmpty)
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)", ["Range: bytes=0-"]).status == 416)
  }

  @Test func `a blob is seen only in its repositories`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    let answer = try registry.call("GET", "b/blobs/\(blob.digest)")
    #expect(answer.status == 404)
    #expect(answer.codes == ["BLOB_UNKNOWN"])
    #expect(try registry.call("HEAD", "b/blobs/\(blob.digest)").status == 404)
    #expect(try registry.call("DELETE", "b/blobs/\(blob.digest)").status == 404)
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").status == 200)
  }

  @Test func `a malformed digest is refused`() throws {
    let registry = try TestRegistry()
    for text in [
      "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "latest", "sha256:\(String(repeating: "A", count: 64))",
    ] {
      let answer = try registry.call("GET", "a/blobs/\(text)")
      #expect(answer.status == 400)
      #expect(answer.codes == ["DIGEST_INVALID"])
    }
  }

  @Test(
    arguments: [
      ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=8-", 206, "89", "bytes 8-9/10"),
      ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=-99", 206, "0123456789", "bytes 0-9/10"),
      ("bytes=5-99", 206, "56789", "bytes 5-9/10"), ("bytes=9-9", 206, "9", "bytes 9-9/10"),
      ("bytes=5-9223372036854775807", 206, "56789", "bytes 5-9/10"),
      ("bytes=10-", 416, nil, "bytes */10"), ("bytes=-0", 416, nil, "bytes */10"),
      ("bytes=3-1", 200, "0123456789", nil), ("bytes=0-1,3-4", 200, "0123456789", nil),
      ("lines=0-1", 200, "0123456789", nil), ("bytes=a-b", 200, "0123456789", nil), ("bytes=-", 200, "0123456789", nil),
      ("bytes=99999999999999999999-", 200, "0123456789", nil),
    ] as [(String, Int, String?, String?)])
  func `a range is honoured where it can be`(range: String, status: Int, text: String?, described: String?) throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("0123456789", in: "a")
    let answer = try registry.call("GET", "a/blobs/\(blob.digest)", ["Range: \(range)"])
    #expect(answer.status == status)
    if let text { #expect(answer.text == text) }
    #expect(answer["Content-Range"] == described)
  }

  @Test func `a range of another content is the whole`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("0123456789", in: "a")
    let path = "a/blobs/\(blob.digest)"
    #expect(try registry.call("GET", path, ["Range: bytes=0-1", "If-Range: \"x\""]).status == 200)
    #expect(try registry.call("GET", path, ["Range: bytes=0-1", "If-Range: \"\(blob.digest)\""]).status == 206)
  }

  @Test func `what the client has is not sent again`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    let path = "a/blobs/\(blob.digest)"
    let tag = try #require(try registry.call("HEAD", path)["ETag"])
    #expect(tag == "\"\(blob.digest)\"")
    for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
      let answer = try registry.call("GET", path, ["If-None-Match: \(known)"])
      #expect(answer.status == 304)
      #expect(answer["ETag"] == tag)
      #expect(answer["Content-Length"] == nil)
    }
    #expect(try registry.call("GET", path, ["If-None-Match: \"x\""]).text == "hello")
  }

  @Test func `a deleted blob is gone from that repository alone`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    try registry.blob("hello", in: "b")
    #expect(try registry.call("DELETE", "a/blobs/\(blob.digest)").status == 202)
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").codes == ["BLOB_UNKNOWN"])
    #expect(try registry.call("DELETE", "a/blobs/\(blob.digest)").status == 404)
    #expect(try registry.call("GET", "b/blobs/\(blob.digest)").text == "hello")
  }

  @Test func `a blob that is deleted while it is read is read to its end`() throws {
    let registry = try TestRegistry()
    // More than the buffers of both sides of a connection hold.
    let content = String(repeating: "0123456789abcdef", count: 2 << 20)
    let blob = try registry.blob(content, in: "a")
    let reader = try HTTPClient(port: registry.server.port)
    try reader.send("GET /v2/a/blobs/\(blob.digest) HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(try reader.receive())
    #expect(try registry.call("DELETE", "a/blobs/\(blob.digest)").status == 202)
    #expect(try Digest.of(reader.response().body) == blob.digest)
  }

  @Test func `what lies in the store is read-only`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    let path = "\(registry.root)/blobs/sha256/\(blob.digest.hex)"
    #expect(try FileStatus(of: path).mode == 0o444)
  }
}
