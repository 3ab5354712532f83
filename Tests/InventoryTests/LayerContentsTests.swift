import Foundation
import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicInventory

@Suite struct LayerContentsTests {
  private let folder: TemporaryFolder
  private let layer: String
  private let digest: Digest

  init() throws {
    folder = try TemporaryFolder("contents")
    let (bytes, _) = try RandomImage.layer("a folder/file\twith ä", size: 300_000)
    digest = try Digest.of(bytes)
    layer = folder.file("layer")
    try AtomicFile.write(bytes, to: layer)
  }

  @Test func `a file has the checksums of its bytes`() throws {
    let bytes = Array("abc".utf8)
    var archive: [UInt8] = []
    let tar = TarWriter { archive += $0 }
    try tar.add(.directory("x"))
    try tar.add(.file("x/abc", size: 3), content: bytes)
    try tar.add(.symbolicLink("x/link", to: "abc"))
    try tar.finish()
    var room = LayerContents.Room()
    let contents = try LayerContents(ByteSource(archive), within: &room) { $0 == "x/abc" }
    #expect(contents.texts == ["x/abc": bytes])
    #expect(
      contents.files == [
        InventoryFile(
          path: "x/abc", sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
          sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      ])
  }

  @Test func `of all METADATA of a hostile image no more than 64 MB are kept, and all files are counted`() throws {
    var archive: [UInt8] = []
    let tar = TarWriter { archive += $0 }
    let bytes = [UInt8](repeating: 10, count: 15 << 20)
    for number in 1...3 {
      let path = "p/a-\(number).dist-info/METADATA"
      try tar.add(.file(path, size: Int64(bytes.count)), content: bytes)
    }
    // Larger than any real one.
    try tar.add(.file("p/a-4.dist-info/RECORD", size: 17 << 20), content: bytes + bytes.prefix(2 << 20))
    try tar.finish()
    var room = LayerContents.Room()
    // Two layers: 3 times 15 MB, and once more.
    let kept = try (1...2).map { _ in
      let contents = try LayerContents(ByteSource(archive), within: &room, keeping: PythonDistribution.reads)
      #expect(contents.files.count == 4)
      return contents.texts.keys.sorted()
    }
    #expect(kept == [(1...3).map { "p/a-\($0).dist-info/METADATA" }, ["p/a-1.dist-info/METADATA"]])
    #expect(room.texts == 4 << 20 && room.files == LayerContents.Room().files - 8)
    room.files = 3
    #expect(throws: ArchiveError.self) {
      _ = try LayerContents(ByteSource(archive), within: &room) { _ in false }
    }
  }

  @Test func `a layer is read once`() throws {
    let first = try LayerContents.files(ofLayer: digest, at: layer, remembering: folder.file("records"))
    #expect(first.map(\.path) == ["a folder/file\twith ä"])
    try FileTree.remove(layer)
    let second = try LayerContents.files(ofLayer: digest, at: layer, remembering: folder.file("records"))
    #expect(first == second)
  }

  @Test(arguments: ["", "layer contents 0\n", "layer contents 1\nshort\n", "layer contents 1"])
  func `a record that cannot be read is none`(text: String) throws {
    try folder.write("records/\(digest.hex).contents", text)
    #expect(try LayerContents.files(ofLayer: digest, at: layer, remembering: folder.file("records")).count == 1)
  }
}
