import Foundation
import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct RegistryServiceTests {
  @Test func `the base address says that the registry is there`() throws {
    let registry = try TestRegistry()
    for path in ["/v2/", "/v2"] {
      let answer = try registry.client.request("GET", path)
      #expect(answer.status == 200)
      #expect(answer["Docker-Distribution-Api-Version"] == "registry/2.0")
      #expect(answer.text == "{}")
      #expect(try registry.client.request("HEAD", path)["Content-Length"] == "2")
    }
  }

  @Test(arguments: [
    "/", "/v1/", "/v2/a", "/v2/a/b", "/v2/manifests/x", "/v2/a/tags/other", "/v2/a/uploads/x", "/v2//",
    "/v3/a/tags/list",
  ])
  func `any other path is not found`(path: String) throws {
    let registry = try TestRegistry()
    let answer = try registry.client.request("GET", path)
    #expect(answer.status == 404)
    #expect(!answer.codes.isEmpty)
  }

  @Test(arguments: [
    "A", "..", "%2e%2e", "%2E%2E/%2e%2e", "a/..", "../a", "a//b", "_tags", "a/_tags", "a%2f..", "a%2fb", "a%5cb", "-a",
    "a-",
    "a..b", "a___b", ".", "a/.", "%20", "a%0ab", "\(String(repeating: "a", count: 256))", "ä", "%C3%A4",
  ])
  func `a name outside the grammar is refused`(name: String) throws {
    let registry = try TestRegistry()
    let blob = try digest("hello")
    for (method, path) in [
      ("GET", "tags/list"), ("GET", "manifests/v1"), ("PUT", "manifests/v1"), ("GET", "blobs/\(blob)"),
      ("DELETE", "blobs/\(blob)"), ("POST", "blobs/uploads/"), ("POST", "blobs/uploads/?digest=\(blob)"),
      ("GET", "referrers/\(blob)"),
    ] where name != "ä" {
      let answer = try registry.call(method, "\(name)/\(path)", body: "")
      #expect(answer.status == 400)
      #expect(answer.codes == ["NAME_INVALID"])
    }
    #expect(try registry.files().isEmpty)
  }

  @Test func `any word can be part of a name`() throws {
    let registry = try TestRegistry()
    for name in ["manifests", "blobs/uploads", "a/tags/list", "referrers", "v2", "uploads/blobs", "a/blobs"] {
      let manifest = try registry.manifest(in: name)
      #expect(try registry.put(manifest, name, "list").status == 201)
      #expect(try registry.call("GET", "\(name)/manifests/list").status == 200)
      #expect(try registry.call("GET", "\(name)/tags/list").json?["tags"]?.strings == ["list"])
    }
  }

  @Test func `any other method is refused with the allowed ones`() throws {
    let registry = try TestRegistry()
    for (method, path, allowed) in [
      ("POST", "", "GET, HEAD"), ("PATCH", "a/manifests/v1", "GET, HEAD, PUT, DELETE"),
      ("PUT", "a/blobs/\(try digest("x"))", "GET, HEAD, DELETE"), ("GET", "a/blobs/uploads/", "POST"),
      ("POST", "a/blobs/uploads/x", "GET, HEAD, PATCH, PUT, DELETE"), ("DELETE", "a/tags/list", "GET, HEAD"),
      ("OPTIONS", "", "GET, HEAD"), ("BREW", "_catalog", "GET, HEAD"),
    ] {
      let answer = try registry.call(method, path, body: "")
      #expect(answer.status == 405)
      #expect(answer["Allow"] == allowed)
      #expect(answer.codes == ["UNSUPPORTED"])
    }
  }

  @Test func `a read-only registry is read-only`() throws {
    let writable = try TestRegistry()
    let manifest = try writable.manifest(in: "a")
    _ = try writable.put(manifest, "a", "v1")
    let registry = try TestRegistry(in: writable.folder) { $0.readOnly = true }
    #expect(try registry.call("GET", "a/manifests/v1").status == 200)
    for (method, path) in [
      ("PUT", "a/manifests/v2"), ("DELETE", "a/manifests/v1"), ("POST", "a/blobs/uploads/"),
      ("POST", "a/blobs/uploads/?digest=\(try digest("x"))"), ("DELETE", "a/blobs/\(try digest("{}"))"),
    ] {
      let answer = try registry.call(method, path, body: "x")
      #expect(answer.status == 405)
      #expect(answer.codes == ["UNSUPPORTED"])
      #expect(answer["Allow"]?.contains("P") != true)
    }
    #expect(try registry.call("GET", "a/tags/list").json?["tags"]?.strings == ["v1"])
    let missing = try TestRegistry { $0.readOnly = true }
    #expect(try missing.call("GET", "_catalog").json?["repositories"] == .array([]))
  }

  @Test func `a password is asked for everywhere`() throws {
    let registry = try TestRegistry { $0.logins = [("alice", "s3:cret"), ("bob", "other")] }
    func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
    for path in ["", "_catalog", "a/manifests/v1", "nowhere"] {
      for header in [
        nil, "Basic", "Basic %%%", "Bearer x", "Basic \(encoded("alice:wrong"))", "Basic \(encoded("alice:other"))",
        "Basic \(encoded("alice"))",
      ] {
        let answer = try registry.call("GET", path, header.map { ["Authorization: \($0)"] } ?? [])
        #expect(answer.status == 401)
        #expect(answer.codes == ["UNAUTHORIZED"])
        #expect(answer["WWW-Authenticate"]?.hasPrefix("Basic realm=") == true)
      }
    }
    #expect(try registry.call("GET", "", ["Authorization: Basic \(encoded("bob:other"))"]).status == 200)
    for scheme in ["Basic", "basic"] {
      #expect(try registry.call("GET", "", ["Authorization: \(scheme) \(encoded("alice:s3:cret"))"]).status == 200)
    }
  }

  @Test func `a page in a browser changes nothing`() throws {
    let registry = try TestRegistry()
    let answer = try registry.call(
      "POST", "a/blobs/uploads/?digest=\(digest("hello"))", ["Origin: https://example.com"], body: "hello")
    #expect(answer.status == 403)
    #expect(answer.codes == ["DENIED"])
    #expect(try registry.files().isEmpty)
  }

  @Test func `a failure of the disk is told without the path`() throws {
    let registry = try TestRegistry()
    // A file where a folder should be: nothing can be stored.
    let blobs = "\(registry.root)/blobs/sha256"
    try Data().write(to: URL(fileURLWithPath: blobs))
    let answer = try registry.call("POST", "a/blobs/uploads/?digest=\(digest("hello"))", body: "hello")
    #expect(answer.status == 500)
    #expect(answer.codes == ["UNKNOWN"])
    #expect(!answer.text.contains(registry.root))
  }
}
