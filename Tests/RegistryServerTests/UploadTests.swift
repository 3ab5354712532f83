import SematicFiles
import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct UploadTests {
  @Test(arguments: [Digest.Algorithm.sha256, .sha512])
  func `an upload in one piece is a blob`(algorithm: Digest.Algorithm) throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a/b")
    let answer = try registry.call("PUT", "\(place)?digest=\(digest("hello", algorithm))", body: "hello")
    #expect(answer.status == 201)
    #expect(answer["Location"] == "/v2/a/b/blobs/\(try digest("hello", algorithm))")
    #expect(answer["Docker-Content-Digest"] == (try digest("hello", algorithm).description))
    #expect(try registry.call("GET", "a/b/blobs/\(digest("hello", algorithm))").text == "hello")
    #expect(try FileTree.names(in: "\(registry.root)/uploads").isEmpty)
  }

  @Test(arguments: [Digest.Algorithm.sha256, .sha512])
  func `an upload in chunks is a blob`(algorithm: Digest.Algorithm) throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let first = try registry.call("PATCH", place, ["Content-Range: 0-3"], body: "0123")
    #expect(first.status == 202)
    #expect(first["Range"] == "0-3")
    #expect(first["Location"] == "/v2/\(place)")
    let second = try registry.call("PATCH", place, ["Content-Range: 4-6"], body: "456")
    #expect(second["Range"] == "0-6")
    let last = try registry.call(
      "PUT", "\(place)?digest=\(digest("01234567", algorithm))", ["Content-Range: 7-7"], body: "7")
    #expect(last.status == 201)
    #expect(try registry.call("GET", "a/blobs/\(digest("01234567", algorithm))").text == "01234567")
  }

  @Test func `a streamed chunk needs no range`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    try registry.client.send(
      "PATCH /v2/\(place) HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"
    )
    #expect(try registry.client.response()["Range"] == "0-6")
    #expect(try registry.call("PUT", "\(place)?digest=\(digest("abcdefg"))", body: "").status == 201)
  }

  @Test(arguments: ["4-6", "2-4", "0-2", "x", "5-3", "-3", "3-", "99999999999999999999-3", "3-9223372036854775807"])
  func `a chunk out of order is refused and the upload goes on`(range: String) throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    _ = try registry.call("PATCH", place, ["Content-Range: 0-2"], body: "012")
    let answer = try registry.call("PATCH", place, ["Content-Range: \(range)"], body: "345")
    #expect(answer.status == 416)
    #expect(answer["Range"] == "0-2")
    #expect(answer["Location"] == "/v2/\(place)")
    #expect(answer.codes == ["BLOB_UPLOAD_INVALID"])
    #expect(try registry.call("PATCH", place, ["Content-Range: 3-5"], body: "345").status == 202)
    #expect(try registry.call("PUT", "\(place)?digest=\(digest("012345"))", body: "").status == 201)
  }

  @Test func `a first chunk that does not begin at zero learns that nothing was received`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let answer = try registry.call("PATCH", place, ["Content-Range: 3-5"], body: "345")
    #expect(answer.status == 416)
    #expect(answer["Range"] == "0--1")
  }

  @Test func `a chunk that is not as long as it says is refused`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let answer = try registry.call("PATCH", place, ["Content-Range: 0-9"], body: "012")
    #expect(answer.status == 400)
    #expect(answer.codes == ["SIZE_INVALID"])
    #expect(try registry.call("GET", place)["Range"] == "0--1")
  }

  @Test func `the status tells where to go on`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let empty = try registry.call("GET", place)
    #expect(empty.status == 204)
    #expect(empty["Range"] == "0--1")
    _ = try registry.call("PATCH", place, body: "012")
    for method in ["GET", "HEAD"] {
      let answer = try registry.call(method, place)
      #expect(answer.status == 204)
      #expect(answer["Range"] == "0-2")
      #expect(answer["Location"] == "/v2/\(place)")
      #expect(answer["Docker-Upload-UUID"].map { place.hasSuffix($0) } == true)
    }
  }

  @Test func `a cut upload keeps what came and goes on`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let cut = try HTTPClient(port: registry.server.port)
    try cut.send("PATCH /v2/\(place) HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234")
    cut.finishSending()
    #expect(try cut.isAtEnd())
    #expect(try registry.call("GET", place)["Range"] == "0-4")
    #expect(
      try registry.call("PUT", "\(place)?digest=\(digest("0123456789"))", ["Content-Range: 5-9"], body: "56789").status
        == 201)
  }

  @Test func `a cut upload of one request leaves nothing`() throws {
    let registry = try TestRegistry()
    let cut = try HTTPClient(port: registry.server.port)
    try cut.send(
      "POST /v2/a/blobs/uploads/?digest=\(digest("0123456789")) HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234"
    )
    cut.finishSending()
    #expect(try cut.isAtEnd())
    #expect(try FileTree.names(in: "\(registry.root)/uploads").isEmpty)
    #expect(try registry.call("GET", "a/blobs/\(digest("0123456789"))").status == 404)
  }

  @Test func `an upload outlives the server`() throws {
    let first = try TestRegistry()
    let place = try first.upload(in: "a")
    _ = try first.call("PATCH", place, body: "01234")
    first.server.stop()
    let second = try TestRegistry(in: first.folder)
    #expect(try second.call("GET", place)["Range"] == "0-4")
    #expect(try second.call("PUT", "\(place)?digest=\(digest("0123456789"))", body: "56789").status == 201)
  }

  @Test func `two servers can share an upload`() throws {
    let first = try TestRegistry()
    let second = try TestRegistry(in: first.folder)
    let place = try first.upload(in: "a")
    for (registry, text) in [(first, "01"), (second, "23"), (first, "45"), (second, "67")] {
      #expect(try registry.call("PATCH", place, body: text).status == 202)
    }
    #expect(try first.call("PUT", "\(place)?digest=\(digest("0123456789"))", body: "89").status == 201)
    #expect(try second.call("GET", "a/blobs/\(digest("0123456789"))").text == "0123456789")
  }

  @Test func `a wrong digest is refused and nothing is kept`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let wrong = try registry.call("PUT", "\(place)?digest=\(digest("other"))", body: "hello")
    #expect(wrong.status == 400)
    #expect(wrong.codes == ["DIGEST_INVALID"])
    #expect(try registry.call("GET", place).codes == ["BLOB_UPLOAD_UNKNOWN"])
    let single = try registry.call("POST", "a/blobs/uploads/?digest=\(digest("other"))", body: "hello")
    #expect(single.codes == ["DIGEST_INVALID"])
    #expect(try registry.files() == ["/.lock"] || registry.files().isEmpty)
  }

  @Test func `an upload cannot end without its digest`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    for query in ["", "?digest=", "?digest=sha256:xyz"] {
      #expect(try registry.call("PUT", place + query, body: "hello").codes == ["DIGEST_INVALID"])
    }
    #expect(try registry.call("POST", "a/blobs/uploads/?digest-algorithm=md5", body: "").codes == ["DIGEST_INVALID"])
  }

  @Test func `a cancelled upload is gone`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    _ = try registry.call("PATCH", place, body: "012")
    #expect(try registry.call("DELETE", place).status == 204)
    for method in ["GET", "DELETE", "PATCH"] {
      let answer = try registry.call(method, place, body: "")
      #expect(answer.status == 404)
      #expect(answer.codes == ["BLOB_UPLOAD_UNKNOWN"])
    }
    #expect(try FileTree.names(in: "\(registry.root)/uploads").isEmpty)
  }

  @Test func `an upload is known in its own repository only`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let id = try #require(place.split(separator: "/").last)
    #expect(try registry.call("GET", "b/blobs/uploads/\(id)").codes == ["BLOB_UPLOAD_UNKNOWN"])
    for id in ["x", "%2e%2e", "..%2f..%2fetc", id.uppercased()] {
      #expect(try registry.call("GET", "a/blobs/uploads/\(id)").codes == ["BLOB_UPLOAD_UNKNOWN"])
    }
  }

  @Test func `an upload of what is there is dropped`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    let before = try FileStatus(of: "\(registry.root)/blobs/sha256/\(blob.digest.hex)").inode
    try registry.blob("hello", in: "b")
    #expect(try FileStatus(of: "\(registry.root)/blobs/sha256/\(blob.digest.hex)").inode == before)
    #expect(try registry.call("GET", "b/blobs/\(blob.digest)").text == "hello")
  }

  @Test func `a damaged blob is replaced by a whole one`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    try AtomicFile.write(Array("hel".utf8), to: "\(registry.root)/blobs/sha256/\(blob.digest.hex)")
    try registry.blob("hello", in: "a")
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").text == "hello")
  }
}
