import TestSupport
import Testing

@testable import ImageAssembly

@Suite struct FileSearchTests {
  @Test func `text is found wherever it lies, also across pieces`() throws {
    let folder = try TemporaryFolder("search")
    var bytes = [UInt8](repeating: 0, count: (3 << 20) + 100)
    let places = [0, (1 << 20) - 5, (2 << 20) - 1, bytes.count - 10]
    let texts = ["first.....", "second....", "third.....", "last......"]
    for (place, text) in zip(places, texts) { bytes.replaceSubrange(place..<place + 10, with: Array(text.utf8)) }
    let path = try folder.write("file", bytes)
    #expect(try FileSearch.occurring(["absent", ""] + texts + ["second...x"], in: path) == [""] + texts)
    let piece = String(repeating: "p", count: (1 << 20) + 7)
    try folder.write("file", Array("x".utf8) + Array(piece.utf8))
    #expect(try FileSearch.occurring([piece, piece + "p"], in: path) == [piece])
    try folder.write("file", [UInt8]())
    #expect(try FileSearch.occurring(["a"], in: path).isEmpty)
  }
}
