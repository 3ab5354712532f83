import Foundation
import Testing

@testable import SematicOCI

@Suite struct DigestTests {
  // https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
  private let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `the digest of known bytes is the published one`() throws {
    #expect(try Digest.of(Array("abc".utf8)).description == abc)
    #expect(try Digest.of(Data("abc".utf8)).description == abc)
    #expect(try Digest.of(Array("abc".utf8), .sha512).hex.hasPrefix("ddaf35a193617abacc417349ae204131"))
  }

  @Test func `bytes in pieces have the digest of the whole, and can go on after it was asked for`() throws {
    let hasher = try DigestHasher()
    Array("a".utf8).withUnsafeBytes { hasher.update($0) }
    #expect(try hasher.digest() == Digest.of(Array("a".utf8)))
    Array("bc".utf8).withUnsafeBytes { hasher.update($0) }
    #expect(try hasher.digest().description == abc)
  }

  @Test(arguments: [
    "", "sha256", "sha256:", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:" + String(repeating: "A", count: 64),
    "sha256:" + String(repeating: "a", count: 63), "sha512:" + String(repeating: "a", count: 64),
    "sha256:../../etc/passwd", "sha256:" + String(repeating: "ä", count: 32),
  ])
  func `what is no digest is refused`(text: String) {
    #expect(throws: MalformedValue.self) { try Digest(text) }
    #expect(throws: (any Error).self) { try JSONDecoder().decode([Digest].self, from: Data("[\"\(text)\"]".utf8)) }
  }
}
