import Foundation
import Testing

@testable import SematicOCI

@Suite struct ManifestTests {
  private static let blob = #"{"mediaType":"m","digest":"sha256:\#(String(repeating: "1", count: 64))","size":1}"#

  @Test func `the bytes that were read are kept, and hashed`() throws {
    let bytes = Data(#"{ "schemaVersion":2, "config":\#(Self.blob), "layers":[] }"#.utf8)
    let document = try ManifestDocument(bytes: bytes, mediaType: nil)
    #expect(document.bytes == bytes)
    #expect(document.descriptor.digest == (try Digest.of(bytes)))
    #expect(document.descriptor.mediaType == .manifest)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"layers":[],"manifests":[]}"#, #"{"layers":[]}"#, #"{"layers":[{}],"config":{}}"#,
    #"{"schemaVersion":2,"mediaType":"text/plain","config":\#(blob),"layers":[]}"#,
    #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":\#(blob),"layers":[]}"#,
    #"{"schemaVersion":2,"config":\#(blob),"layers":[{"mediaType":"m","digest":"sha256:1","size":1}]}"#,
  ])
  func `what is neither manifest nor index is refused`(text: String) {
    #expect(throws: (any Error).self) { try ManifestDocument(bytes: Data(text.utf8), mediaType: nil) }
  }

  @Test func `a manifest that was served as an index is refused`() {
    let bytes = Data(#"{"schemaVersion":2,"config":\#(Self.blob),"layers":[]}"#.utf8)
    #expect(throws: MalformedValue.self) { try ManifestDocument(bytes: bytes, mediaType: .index) }
  }

  @Test(arguments: ["9223372036854775808", "1.5", "1e300", "\"1\""])
  func `a size that is no number of bytes is refused`(size: String) {
    let blob = Self.blob.replacingOccurrences(of: "\"size\":1", with: "\"size\":\(size)")
    for text in [
      #"{"schemaVersion":2,"config":\#(Self.blob),"layers":[\#(blob)]}"#,
      #"{"schemaVersion":2,"manifests":[\#(blob)]}"#,
    ] {
      #expect(throws: MalformedValue.self) { try ManifestDocument(bytes: Data(text.utf8), mediaType: nil) }
    }
  }
}
