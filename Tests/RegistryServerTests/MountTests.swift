import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct MountTests {
  @Test func `a blob is mounted from another repository`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a/b")
    for source in ["a/b", "a%2Fb"] {
      let answer = try registry.call("POST", "c/blobs/uploads/?mount=\(blob.digest)&from=\(source)", body: "")
      #expect(answer.status == 201)
      #expect(answer["Location"] == "/v2/c/blobs/\(blob.digest)")
      #expect(answer["Docker-Content-Digest"] == blob.digest.description)
    }
    #expect(try registry.call("GET", "c/blobs/\(blob.digest)").text == "hello")
  }

  @Test func `a blob is mounted from anywhere when no source is named`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    #expect(try registry.call("POST", "b/blobs/uploads/?mount=\(blob.digest)", body: "").status == 201)
    #expect(try registry.call("HEAD", "b/blobs/\(blob.digest)").status == 200)
  }

  @Test func `what cannot be mounted is uploaded`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    let missing = try digest("other")
    for query in [
      "mount=\(missing)&from=a", "mount=\(missing)", "mount=\(blob.digest)&from=elsewhere", "mount=nonsense&from=a",
      "mount=\(blob.digest)&from=..%2Fa", "mount=\(blob.digest)&from=",
    ] {
      let answer = try registry.call("POST", "b/blobs/uploads/?\(query)", body: "")
      #expect(answer.status == 202)
      let place = try #require(answer["Location"]).dropFirst(4)
      #expect(try registry.call("PUT", "\(place)?digest=\(blob.digest)", body: "hello").status == 201)
      #expect(try registry.call("DELETE", "b/blobs/\(blob.digest)").status == 202)
    }
  }

  @Test func `a deleted blob is not mounted`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    _ = try registry.call("DELETE", "a/blobs/\(blob.digest)")
    #expect(try registry.call("POST", "b/blobs/uploads/?mount=\(blob.digest)&from=a", body: "").status == 202)
    #expect(try registry.call("POST", "b/blobs/uploads/?mount=\(blob.digest)", body: "").status == 202)
  }
}
