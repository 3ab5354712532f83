import Testing

@testable import SematicOCI

@Suite struct ImageReferenceTests {
  private static let digest = "sha256:" + String(repeating: "0", count: 64)

  @Test(arguments: [
    ("ubuntu", "docker.io/library/ubuntu:latest"),
    ("ubuntu:22.04", "docker.io/library/ubuntu:22.04"),
    ("team/app", "docker.io/team/app:latest"),
    ("index.docker.io/team/app:1", "docker.io/team/app:1"),
    ("localhost/app", "localhost/app:latest"),
    ("localhost:5000/app", "localhost:5000/app:latest"),
    ("[::1]:5000/app:v1", "[::1]:5000/app:v1"),
    ("ghcr.io/a/b/c-d_e__f.g:V.1_x-2", "ghcr.io/a/b/c-d_e__f.g:V.1_x-2"),
    ("app@" + digest, "docker.io/library/app@" + digest),
    ("r.example:443/app:1@" + digest, "r.example:443/app:1@" + digest),
  ])
  func `a reference is read as other tools read it`(text: String, meaning: String) throws {
    #expect(try ImageReference(text).description == meaning)
  }

  @Test(arguments: [
    "", ":1", "App", "ghcr.io/App", "a//b", "a/", "a:b:c", "app:", "app@", "app@sha256:12", "-a", "a..b", "a___b",
    "host:port/app", "host:0/app", "host:70000/app", "http://host/app", "a b", "[::1/app", "[zz]:1/app", "a.b-/c",
  ])
  func `what is no reference is refused`(text: String) {
    #expect(throws: MalformedValue.self) { try ImageReference(text) }
  }

  @Test func `a tag has at most 128 characters`() {
    #expect(ImageReference.isTag(String(repeating: "a", count: 128)))
    #expect(!ImageReference.isTag(String(repeating: "a", count: 129)))
    #expect(!ImageReference.isTag(".a"))
    #expect(!ImageReference.isTag("a::b"))
  }

  @Test(arguments: [
    ("ubuntu", "ubuntu"), ("docker.io/library/ubuntu:22.04", "ubuntu:22.04"), ("team/app", "team/app"),
    ("ghcr.io/team/app:latest", "ghcr.io/team/app"), ("docker.io/team/library/app:1", "team/library/app:1"),
  ]) func `a reference has a shortest form, which means the same`(text: String, shortest: String) throws {
    let reference = try ImageReference(text)
    #expect(reference.shortest == shortest)
    #expect(try ImageReference(shortest) == reference)
  }

  @Test(arguments: ["/app", "./app", "../app:v1", "a/../app", ".", ".."])
  func `what can only be a path is told from a reference`(text: String) {
    #expect(ImageReference.isPath(text))
    #expect(throws: MalformedValue.self) { try ImageReference(text) }
  }

  @Test(arguments: ["app", "a/app.tar", ".app", "a..b/app", "app:v1"]) func `what may be a name is no path`(
    text: String
  ) {
    #expect(!ImageReference.isPath(text))
  }
}
