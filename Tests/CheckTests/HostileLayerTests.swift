import SematicArchive
import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

/// Layers that were made to end, hang or fill the process that reads them.
@Suite(.timeLimit(.minutes(2))) struct HostileLayerTests {
  @Test(arguments: [0, 1, 511, 512, 513, 1024, 1 << 62] as [Int64])
  func `a size that no file has is an error, in the header and in a pax record`(below: Int64) throws {
    let size = Int64.max - below
    var pax: [UInt8] = []
    let writer = TarWriter { pax.append(contentsOf: $0) }
    try writer.begin(.file("a", size: size))
    var ustar = try CraftedImage.tar([.file("a")])
    // GNU's way for what does not fit: binary, with the highest bit set.
    let binary: [UInt8] = [0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * Int64($0))) }
    ustar.replaceSubrange(124..<136, with: binary)
    ustar.replaceSubrange(148..<156, with: Array("        ".utf8))
    let sum = String(ustar[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
    ustar.replaceSubrange(148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum).utf8) + [0, 32])
    for bytes in [pax, ustar] {
      #expect(throws: ArchiveError.self) { try CraftedImage(layers: [bytes]).tree().entry(at: "b") }
    }
  }

  @Test func `hard links through symbolic links in many layers are followed once`() throws {
    let names = 0..<39
    var base: [CraftedEntry] = [.folder("d")]
    for name in names {
      let next = name == 38 ? "d" : "s\(name + 1)"
      base += [.link("s\(name)", next), .link("d/t\(name)", "/" + next)]
    }
    var layers = [base]
    for _ in 1..<7 { layers.append(names.map { CraftedEntry.hardLink("s\($0)", "s0/t\($0)") }) }
    let tree = try CraftedImage(layers).tree()
    #expect(try tree.resolve("/s0").path == "d")
  }

  @Test func `a hard link that leads to itself by others finds nothing`() throws {
    let image = try CraftedImage([[.hardLink("a", "b"), .hardLink("b", "c"), .hardLink("c", "a"), .file("d")]])
    let tree = try image.tree()
    for name in ["a", "b", "c"] { #expect(try tree.entry(at: name) == nil) }
    #expect(try tree.entry(at: "d") != nil)
  }

  @Test func `a path may be a thousand folders deep, but not each path of a layer`() throws {
    func deep(_ name: String) -> CraftedEntry { .file(name + "/" + String(repeating: "d/", count: 1000) + "f", "x") }
    let tree = try CraftedImage([[deep("a")], [.file("b")]]).tree()
    #expect(try tree.resolve("/" + deep("a").path).found?.entry.size == 1)
    let image = try CraftedImage([(0..<100).map { deep("\($0)") }])
    let error = try #require(throws: ArchiveError.self) { try image.tree().entry(at: "x") }
    #expect("\(error)".contains("its folders lie too deep"), "\(error)")
  }

  @Test func `links and folders that take for ever are an error`() throws {
    let deep = String(repeating: "d/", count: 2000)
    let image = try CraftedImage([[.link("l", deep + "x")], [.file(deep + "f")]])
    let tree = try image.tree(stepLimit: 200_000)
    let error = try #require(throws: ArchiveError.self) {
      for name in 0..<100 { _ = try tree.resolve("/\(deep)\(name)") }
    }
    #expect("\(error)".contains("take too long to follow"), "\(error)")
  }

  @Test func `a layer is not read for ever for libraries that need each other`() throws {
    let count = 300
    var entries: [CraftedEntry] = [.program("bin/p", CraftedElf.program(["lib0.so"], runpath: "/x").bytes)]
    for index in 0..<count {
      entries.append(
        .program("x/lib\(index).so", CraftedElf.library(["lib\(index + 1).so"], runpath: "/x").bytes))
    }
    var image = JudgedImage(layers: [entries])
    image.configuration.entrypoint = ["/bin/p"]
    let error = try #require(throws: (any Error).self) { try image.check() }
    #expect("\(error)".contains("more libraries") || "\(error)".contains("more rounds"), "\(error)")
  }
}
