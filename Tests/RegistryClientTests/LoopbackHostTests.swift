import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct LoopbackHostTests {
  @Test(arguments: ["localhost", "LOCALHOST", "127.0.0.1", "127.255.1.2", "::1", "[::1]", "[0:0:0:0:0:0:0:1]"])
  func `addresses of this machine`(host: String) {
    #expect(LoopbackHost.contains(host))
  }

  @Test(arguments: [
    "127.0.0.1.evil.example", "localhost.evil.example", "localhost.", "127.1", "127.0.0.1 ", "0x7f.0.0.1", "2130706433",
    "128.0.0.1", "0.0.0.0", "::", "[::2]", "[::1", "::1%lo", "::ffff:127.0.0.1", "", "evil127.0.0.1", "10.0.0.1",
  ])
  func `all others, however alike`(host: String) {
    #expect(!LoopbackHost.contains(host))
  }
}
