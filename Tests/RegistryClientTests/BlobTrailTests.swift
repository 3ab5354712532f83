import SematicOCI
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

struct BlobTrailTests {
  private static let bytes = (0..<10).flatMap { [UInt8](repeating: $0, count: 1 << 20) }

  private func take(_ trail: BlobTrail, to end: Int) throws {
    while trail.position < Int64(end) {
      let start = Int(trail.position)
      try Self.bytes[start..<min(end, start + 300_000)].withUnsafeBytes { try trail.take($0) }
    }
  }

  @Test(arguments: [0, 1, 5 << 20, 9_000_000, 10 << 20])
  func `who goes back a little comes to the same digest`(offset: Int) throws {
    let trail = try BlobTrail(Descriptor(of: Self.bytes, mediaType: .layer))
    try take(trail, to: 9_000_000)
    try trail.rewind(to: Int64(offset))
    #expect(trail.position <= Int64(offset))
    #expect(Int64(min(offset, 9_000_000)) - trail.position < 5 << 20)
    #expect(!trail.isWhole)
    try take(trail, to: Self.bytes.count)
    #expect(trail.isWhole)
    #expect(try trail.digest() == trail.descriptor.digest)
  }
}
