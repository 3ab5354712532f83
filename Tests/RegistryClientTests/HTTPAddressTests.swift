import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct HTTPAddressTests {
  @Test(arguments: [
    ("https://Example.COM", "https://example.com/"), ("http://a:8080/b?c=d#e", "http://a:8080/b?c=d"),
    ("https://[::1]:5000/x", "https://[::1]:5000/x"), ("HTTPS://a:443/b", "https://a/b"),
    ("https://a?b", "https://a/?b"),
    ("https://a/ü x", "https://a/%C3%BC%20x"),
  ]) func `addresses are read`(text: String, expected: String) {
    #expect(HTTPAddress(text)?.text == expected)
  }

  @Test(arguments: [
    "file:///etc/passwd", "ftp://a/", "https://", "https:///x", "https://user:password@host/", "https://a@b/",
    "https://a:0/", "https://a:65536/", "https://a:-1/", "https://a:x/", "https://a\\@b/", "https://a b/",
    "https://a/\r\nX: y", "https://a/\u{0}", "/relative", "a.example/b", "https://[::1/", "https://ä/",
  ]) func `what is no plain http address is none`(text: String) {
    #expect(HTTPAddress(text) == nil)
  }

  @Test(arguments: [
    ("/x?y=z", "https://r.example:5000/x?y=z"), ("x", "https://r.example:5000/v2/a/x"),
    ("?s=1", "https://r.example:5000/v2/a/b?s=1"),
    ("//other/x", "https://other/x"), ("http://other:81/x", "http://other:81/x"), ("x:y", nil),
    ("javascript:alert(1)", nil),
    ("./x:y", "https://r.example:5000/v2/a/./x:y"), ("", "https://r.example:5000/v2/a/"), ("//", nil),
  ]) func `a Location is joined to where it came from`(location: String, expected: String?) throws {
    let base = try #require(HTTPAddress("https://r.example:5000/v2/a/b?old=1"))
    #expect(base.resolving(location)?.text == expected)
  }

  @Test func `queries are appended and encoded`() throws {
    let plain = try #require(HTTPAddress("https://a/b"))
    #expect(plain.appendingQuery("digest", "sha256:1").text == "https://a/b?digest=sha256:1")
    let queried = try #require(HTTPAddress("https://a/b?_state=x%3D"))
    #expect(queried.appendingQuery("d", "a b&c").text == "https://a/b?_state=x%3D&d=a%20b%26c")
  }

  @Test func `an origin is scheme, host and port`() throws {
    let base = try #require(HTTPAddress("https://a.example/x"))
    for (other, same) in [
      ("https://A.example:443/y", true), ("http://a.example/x", false), ("https://a.example:444/x", false),
      ("https://a.example.evil/x", false),
    ] {
      #expect(base.hasSameOrigin(as: try #require(HTTPAddress(other))) == same)
    }
  }

  @Test func `people are not shown queries`() {
    #expect(HTTPAddress("https://a/b?X-Amz-Signature=secret")?.shown == "https://a/b")
  }
}
