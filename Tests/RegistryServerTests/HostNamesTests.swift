import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct HostNamesTests {
  @Test(arguments: [
    "localhost", "localhost:5155", "LOCALHOST:5155", "127.0.0.1:5155", "127.1.2.3", "[::1]:5155", "10.0.2.2:5155",
    "registry:5155", "host.docker.internal:5155", "registry.localhost:5155", "my.own.name:5155", "",
  ])
  func `names that no public DNS has are known`(host: String) {
    #expect(HostNames(own: "my.own.name").contain(host))
  }

  @Test(arguments: [
    "example.com", "example.com:5155", "127.0.0.1.example.com", "localhost.example.com:5155", "evil.", "a.b",
    "127.0.0.1.", "xlocalhost.com", "internal.example", "127.0.0.1@example.com",
  ])
  func `other names are foreign`(host: String) {
    #expect(!HostNames(own: "127.0.0.1").contain(host))
  }

  @Test func `a page whose name leads here reads and writes nothing`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    for (method, target) in [
      ("GET", "/v2/"), ("GET", "/v2/_catalog"), ("GET", "/v2/a/blobs/\(blob.digest)"),
      ("POST", "/v2/a/blobs/uploads/"), ("GET", "/v2/_serving?challenge=1"), ("DELETE", "/v2/a/blobs/\(blob.digest)"),
    ] {
      try registry.client.send("\(method) \(target) HTTP/1.1\r\nHost: attacker.example:5155\r\n\r\n")
      let answer = try registry.client.response()
      #expect(answer.status == 403)
      #expect(answer.codes == ["DENIED"])
    }
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").text == "hello")
    // Other machines know a server that they can reach by any name.
    let open = try TestRegistry { $0.host = "0.0.0.0" }
    try open.client.send("GET /v2/ HTTP/1.1\r\nHost: registry.example\r\n\r\n")
    #expect(try open.client.response().status == 200)
    #expect(!open.server.isLoopback)
    #expect(registry.server.isLoopback)
  }
}
