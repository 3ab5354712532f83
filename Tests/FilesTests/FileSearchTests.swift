import SematicFiles
import TestSupport
import Testing

@testable import SematicAssembly

@Suite struct FileSearchTests {
  @Test func `text is found wherever it lies, also across pieces`() throws {
    let folder = try TemporaryFolder("search")
    var bytes = [UInt8](repeating: 0, count: (3 << 20) + 100)
    let places = [0, (1 << 20) - 5, (2 << 20) - 1, bytes.count - 10]
    let texts = ["first.....", "second....", "third.....", "last......"]
    for (place, text) in zip(places, texts) { bytes.replaceSubrange(place..<place + 10, with: Array(text.utf8)) }
    let path = try folder.write("file", bytes)
    #expect(try FileSearch.occurring(["absent", ""] + texts + ["second...x"], in: path) == [""] + texts)
    #expect(try FileSearch.occurring(texts, in: path, before: (1 << 20) + 5) == Array(texts.prefix(2)))
    #expect(try FileSearch.occurring(texts, in: path, before: (1 << 20) + 4) == Array(texts.prefix(1)))
    let piece = String(repeating: "p", count: (1 << 20) + 7)
    try folder.write("file", Array("x".utf8) + Array(piece.utf8))
    #expect(try FileSearch.occurring([piece, piece + "p"], in: path) == [piece])
    try folder.write("file", [UInt8]())
    #expect(try FileSearch.occurring(["a"], in: path).isEmpty)
  }

  @Test func `text is found in a file that several threads read`() throws {
    let folder = try TemporaryFolder("search")
    var bytes = [UInt8](repeating: 0, count: 33 << 20)
    // The ends of parts, however many there are, and one beyond the end.
    let places = [0, bytes.count / 4 - 5, bytes.count / 3 - 5, bytes.count / 2 - 5, 30 << 20, (32 << 20) + 5]
    let texts = places.map { "at \($0)..........".prefix(15) }.map(String.init)
    for (place, text) in zip(places, texts) { bytes.replaceSubrange(place..<place + 15, with: Array(text.utf8)) }
    let path = try folder.write("file", bytes)
    #expect(try FileSearch.occurring(["absent"] + texts, in: path) == texts)
    #expect(try FileSearch.occurring(texts, in: path, before: (32 << 20) + 19) == Array(texts.dropLast()))
    #expect(throws: FileError.self) { try FileSearch.occurring(texts, in: folder.file("absent")) }
  }

  @Test func `a file is read once, and again when it has changed`() throws {
    let folder = try TemporaryFolder("searches")
    let path = try folder.write("file", "one two")
    let cache = FileSearchCache(folder: folder.file("searches"))
    #expect(try cache.occurring(["two", "three"], in: path, now: .max) == ["two"])
    let record = try #require(try FileTree.names(in: cache.folder).first)
    // What is remembered is believed as long as the file is the same.
    try folder.write("searches/" + record, "three\n")
    #expect(try cache.occurring(["two", "three"], in: path, now: .max) == ["three"])
    try folder.write("searches/" + record, "thr")
    #expect(try cache.occurring(["two", "three"], in: path, now: .max) == ["two"])
    try folder.write("file", "one six")
    #expect(try cache.occurring(["two", "three"], in: path, now: 0).isEmpty)
    // Within a tick of its last change nothing is recorded.
    #expect(try FileTree.names(in: cache.folder) == [record])
  }
}
