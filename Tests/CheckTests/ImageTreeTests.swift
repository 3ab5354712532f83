import SematicArchive
import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

@Suite struct ImageTreeTests {
  @Test func `The topmost entry of a path counts`() throws {
    let image = try CraftedImage([[.file("a", "below"), .file("b")], [.file("a", "above")]])
    let tree = try image.tree()
    let found = try #require(try tree.entry(at: "a"))
    #expect(try tree.content(of: found) == Array("above".utf8))
    #expect(try tree.entry(at: "c") == nil)
  }

  @Test func `Only the layers are read that a question needs`() throws {
    let image = try CraftedImage([[.file("etc/passwd")], [.folder("etc"), .file("etc/group")], [.folder("srv")]])
    let tree = try image.tree()
    #expect(try tree.resolve("/srv").found != nil)
    #expect(image.reads == [2])
    #expect(try tree.resolve("/etc/group").found != nil)
    #expect(image.reads == [2, 1])
    #expect(try tree.resolve("/etc/passwd").found != nil)
    #expect(image.reads == [2, 1, 0])
  }

  @Test func `Names of modules are found wherever they may be imported from`() throws {
    let image = try CraftedImage([
      [
        .folder("usr"), .file("usr/lib/python3/dist-packages/one/__init__.py"), .file("opt/x/two.py"),
        .file("opt/x/three.cpython-311-x86_64-linux-gnu.so"), .file("usr/share/four/x"), .file("opt/five.txt"),
      ],
      [.link("srv/six", "/opt/six")],
    ])
    #expect(
      try image.tree().modules(among: ["one", "two", "three", "four", "five", "six", "seven"]) == [
        "one", "two", "three", "six",
      ])
  }

  @Test func `A whiteout takes away what is below and leaves what is beside it`() throws {
    let image = try CraftedImage([
      [.folder("a"), .file("a/x"), .folder("b"), .file("b/x"), .file("c")],
      [.file("a/.wh.x"), .file("b/.wh..wh..opq"), .file("b/y"), .file(".wh.c"), .file("c", "new")],
    ])
    let tree = try image.tree()
    #expect(try tree.entry(at: "a/x") == nil)
    #expect(try tree.entry(at: "a") != nil)
    #expect(try tree.entry(at: "b/x") == nil)
    #expect(try tree.entry(at: "b/y") != nil)
    #expect(try tree.entry(at: "c")?.entry.size == 3)
    #expect(try tree.names(in: "b") == ["y"])
  }

  @Test func `A whiteout of a folder takes away what is in it, but not what comes above`() throws {
    let image = try CraftedImage([[.folder("a"), .file("a/x")], [.file(".wh.a")], [.file("a/y")]])
    let tree = try image.tree()
    #expect(try tree.entry(at: "a/x") == nil)
    #expect(try tree.entry(at: "a/y") != nil)
    #expect(try tree.entry(at: "a")?.entry.kind == .directory)
  }

  @Test func `A file or link in the place of a folder takes away what was in it`() throws {
    let image = try CraftedImage([[.folder("a"), .file("a/x"), .folder("b")], [.link("a", "b")]])
    let tree = try image.tree()
    #expect(try tree.entry(at: "a/x") == nil)
    #expect(try tree.resolve("/a/x") == .missing("b/x"))
  }

  @Test func `An entry below a linked folder of the base lies where the link leads`() throws {
    let image = try CraftedImage([
      [.folder("usr"), .folder("usr/lib"), .link("lib", "usr/lib"), .file("usr/lib/old")],
      [.file("lib/new"), .file("lib/.wh.old")],
    ])
    let tree = try image.tree()
    #expect(try tree.entry(at: "usr/lib/new") != nil)
    #expect(try tree.resolve("/lib/new").path == "usr/lib/new")
    #expect(try tree.entry(at: "usr/lib/old") == nil)
    #expect(try tree.entry(at: "lib")?.entry.kind == .symbolicLink("usr/lib"))
  }

  @Test func `A folder that the layer describes replaces a link of the base`() throws {
    let image = try CraftedImage([
      [.folder("usr/lib"), .link("lib", "usr/lib"), .file("usr/lib/old")], [.folder("lib"), .file("lib/new")],
    ])
    let tree = try image.tree()
    #expect(try tree.resolve("/lib/new").path == "lib/new")
    #expect(try tree.resolve("/lib/old") == .missing("lib/old"))
  }

  @Test(arguments: [
    ("/bin/python3", "opt/python3.11"), ("/absolute", "opt/python3.11"), ("/up", "opt/python3.11"),
    ("/opt/../opt/./python3.11", "opt/python3.11"), ("/usr/bin/../../up", "opt/python3.11"),
  ]) func `Links lead to the same place from anywhere, and never out of the image`(
    path: String, place: String
  ) throws {
    let image = try CraftedImage([
      [
        .folder("usr/bin"), .link("bin", "usr/bin"), .link("usr/bin/python3", "../../opt/python3.11"),
        .link("absolute", "/opt/python3.11"), .link("up", "../../../opt/python3.11"), .file("opt/python3.11"),
      ]
    ])
    #expect(try image.tree().resolve(path).found?.path == place)
  }

  @Test func `Loops, missing targets and files in the middle are told apart`() throws {
    let image = try CraftedImage([
      [.link("a", "b"), .link("b", "/a"), .link("dangling", "x/y"), .file("file"), .link("self", "self/self")]
    ])
    let tree = try image.tree()
    #expect(try tree.resolve("/a/c") == .loop("a/c"))
    #expect(try tree.resolve("/self") == .loop("self"))
    #expect(try tree.resolve("/dangling") == .missing("x/y"))
    #expect(try tree.resolve("/file/x") == .notAFolder("file"))
    #expect(try tree.resolve("/").found?.entry.kind == .directory)
  }

  @Test func `A hard link is the file that it names, also of a layer below`() throws {
    let image = try CraftedImage([
      [.file("a", "text", mode: 0o600, owner: 7)],
      [.hardLink("b", "./a"), .hardLink("c", "c"), .hardLink("d", "none")],
    ])
    let tree = try image.tree()
    let found = try #require(try tree.entry(at: "b"))
    #expect(found.entry.owner == 7)
    #expect(try tree.content(of: found) == Array("text".utf8))
    #expect(try tree.entry(at: "c") == nil)
    #expect(try tree.entry(at: "d") == nil)
  }

  @Test func `A zstd layer is read, a damaged one an error`() throws {
    let plain = try CraftedImage([[.file("a", "text")]]).layers[0]
    var packed: [UInt8] = []
    let writer = try CompressedWriter(Compressor(.zstd)) { packed += Array($0) }
    try plain.withUnsafeBytes { try writer.write($0) }
    try writer.finish()
    let tree = try CraftedImage(layers: [packed]).tree()
    #expect(try tree.content(of: #require(try tree.entry(at: "a"))) == Array("text".utf8))
    #expect(throws: ArchiveError.self) { try CraftedImage(layers: [Array(packed.prefix(20))]).tree().entry(at: "b") }
    let damaged = try CraftedImage(layers: [[UInt8](repeating: 7, count: 2000)])
    #expect(throws: ArchiveError.self) { try damaged.tree().entry(at: "a") }
  }

  @Test(arguments: [("../x", 1), ("a/../../x", 1), ("d/", 2100)])
  func `A path that no extractor would take is an error`(path: String, count: Int) throws {
    let image = try CraftedImage([[.file(String(repeating: path, count: count) + "x")]])
    #expect(throws: ArchiveError.self) { try image.tree().entry(at: "x") }
  }

  @Test func `A layer cut off anywhere is an error or a listing, and never more`() throws {
    let whole = try CraftedImage([[.folder("a"), .file("a/b", "text"), .link("c", "a/b"), .file("a/.wh.d")]]).layers[0]
    var random = SeededRandom(of: "ImageTreeTests")
    for _ in 0..<200 {
      let cut = Array(whole.prefix(Int.random(in: 0..<whole.count, using: &random)))
      do {
        let tree = try CraftedImage(layers: [cut]).tree()
        if let found = try tree.resolve("/c").found { _ = try tree.content(of: found) }
      } catch is ArchiveError {}
    }
  }

  @Test func `Python's version is in the name of the program, or of its library's folder`() throws {
    let debian = try CraftedImage([[.link("usr/bin/python3", "python3.11"), .file("usr/bin/python3.11")]])
    #expect(try debian.tree().pythonVersion() == "3.11")
    let library = try CraftedImage([
      [.file("usr/bin/python3"), .file("usr/lib/python3.9/os.py"), .folder("usr/lib/python3")]
    ])
    #expect(try library.tree().pythonVersion() == "3.9")
    #expect(try CraftedImage([[.link("usr/bin/python3", "python3.11")]]).tree().pythonVersion() == nil)
  }
}
