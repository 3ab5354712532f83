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
    let contents = try LayerContents(ByteSource(archive)) { $0 == "x/abc" }
    #expect(contents.texts == ["x/abc": bytes])
    #expect(
      contents.files == [
        InventoryFile(
          path: "x/abc", sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
          sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      ])
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
