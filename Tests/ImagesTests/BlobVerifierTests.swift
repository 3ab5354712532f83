import Foundation
import SematicImages
import SematicOCI
import Testing

@Suite struct BlobVerifierTests {
  private func verify(_ pieces: [String], _ descriptor: Descriptor) throws {
    let verifier = try BlobVerifier(descriptor, from: "there")
    for piece in pieces { try Data(piece.utf8).withUnsafeBytes { try verifier.update($0) } }
    try verifier.finish()
  }

  @Test(arguments: [Digest.Algorithm.sha256, .sha512])
  func `a blob is checked by the algorithm of its digest, in whatever pieces`(algorithm: Digest.Algorithm) throws {
    let digest = try Digest.of(Data("hello world".utf8), algorithm)
    let descriptor = Descriptor(mediaType: .layer, digest: digest, size: 11)
    try verify(["hello world"], descriptor)
    try verify(["hello", "", " ", "world"], descriptor)
    let other = try Digest.of(Data("hello_world".utf8), algorithm)
    #expect(throws: BlobMismatch(descriptor: descriptor, place: "there", found: .digest(other))) {
      try verify(["hello_world"], descriptor)
    }
    #expect(throws: BlobMismatch(descriptor: descriptor, place: "there", found: .size(10))) {
      try verify(["hello worl"], descriptor)
    }
    #expect(throws: BlobMismatch(descriptor: descriptor, place: "there", found: .more)) {
      try verify(["hello world", "!"], descriptor)
    }
  }

  @Test(arguments: [-1, Int64.min, Int64.max])
  func `no size makes it trap`(size: Int64) throws {
    let descriptor = Descriptor(mediaType: .layer, digest: try Digest.of(Data()), size: size)
    #expect(throws: BlobMismatch.self) { try verify([], descriptor) }
    #expect(throws: BlobMismatch.self) { try verify(["", "a", "b"], descriptor) }
  }

  @Test func `each mismatch is said in one sentence`() throws {
    let descriptor = Descriptor(mediaType: .layer, digest: try Digest.of(Data()), size: 7)
    let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    func text(_ found: BlobMismatch.Found) -> String {
      BlobMismatch(descriptor: descriptor, place: "there", found: found).description
    }
    #expect(text(.size(3)) == "the blob \(empty) of there ends after 3 of 7 bytes")
    #expect(text(.more) == "the blob \(empty) of there has more than 7 bytes")
    #expect(text(.digest(descriptor.digest)) == "the blob \(empty) of there is corrupt: its digest is \(empty)")
  }
}
