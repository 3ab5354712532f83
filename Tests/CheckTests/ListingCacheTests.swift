import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

@Suite struct ListingCacheTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("listings") }

  private var cache: ListingCache { ListingCache(folder.file("listings")) }

  @Test func `A layer is read once, and its listing is the same afterwards`() throws {
    let image = try CraftedImage([
      [
        .folder("a b", mode: 0o1777, owner: 1000, group: 50), .file("a b/ü", "text"), .link("l", "a b/ü"),
        .hardLink("h", "a b/ü"), .file(".wh.gone"), .file("a b/.wh..wh..opq"),
      ]
    ])
    _ = try image.tree(cache: cache).entry(at: "l")
    let tree = try image.tree(cache: cache)
    let found = try #require(try tree.resolve("/h").found)
    #expect(image.reads == [0])
    #expect(try tree.content(of: found) == Array("text".utf8))
    let digest = image.descriptors[0].digest
    #expect(cache.listing(of: digest) == (try LayerListing(.init(image.layers[0]))))
  }

  @Test(arguments: ["a\nb", "a\tb"]) func `A name with the separators in it is not kept`(name: String) throws {
    let image = try CraftedImage([[.file(name, "text")]])
    for _ in 0..<2 { #expect(try image.tree(cache: cache).entry(at: name)?.entry.size == 4) }
    #expect(image.reads == [0, 0])
  }

  @Test func `A damaged listing is made anew`() throws {
    let image = try CraftedImage([[.file("a", "text"), .file("b")]])
    _ = try image.tree(cache: cache).entry(at: "a")
    let path = folder.file("listings/sha256/\(image.descriptors[0].digest.hex)")
    let whole = try FileTree.read(path)
    for count in [0, 5, whole.count - 1, whole.count - 20] {
      try AtomicFile.write(whole.prefix(count), to: path)
      #expect(try image.tree(cache: cache).entry(at: "a")?.entry.size == 4)
    }
    #expect(image.reads.count == 5)
  }
}
