import Testing

@testable import SematicInventory

@Suite struct SourceAddressTests {
  @Test(arguments: [
    ("https://github.com/apple/swift-log", "git+https://github.com/apple/swift-log@1"),
    ("https://user:s3cret@git.example:8443/a/b.git", "git+https://git.example:8443/a/b.git@1"),
    ("https://s3cret@git.example/a/b.git?token=s3cret#s3cret", "git+https://git.example/a/b.git@1"),
    ("https://user:s3c@ret@git.example/a", "git+https://git.example/a@1"),
    ("https://x-access-token:s3cret@git.example/a/b", "git+https://git.example/a/b@1"),
    ("http://[::1]/a", "git+http://[::1]/a@1"), ("http://[::1]:80/a", "git+http://[::1]:80/a@1"),
    ("git@github.com:apple/swift-log.git", "git+ssh://github.com/apple/swift-log.git@1"),
    ("ssh://git:s3cret@git.example/a b", "git+ssh://git.example/a%20b@1"),
  ]) func `an address has nothing that is secret in it`(address: String, location: String) {
    let location_ = SourceAddress(address)?.location(revision: "1")
    #expect(location_ == location)
  }

  @Test(arguments: [
    "/home/user/package", "file:///home/user/package", "../package", "", "https://", "https:///a", "https://host",
    "https://host/../a", "https://ho st/a", "C:\\package", "https://git.example/user:s3cret@other.example/a",
    "javascript://host/a", "https://user:s3/cr?et@git.example/a", "https://user:s3cret/a",
    "https://user:s3?cret@git.example/a", "@:", "a@:b",
  ]) func `what is no address for others is none`(address: String) {
    #expect(SourceAddress(address) == nil)
  }
}
