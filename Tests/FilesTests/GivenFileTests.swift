import Foundation
import SematicFiles
import TestSupport
import Testing

@Suite struct GivenFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("given") }

  private func content(_ name: String) throws -> String {
    String(decoding: try FileTree.read(folder.file(name)), as: UTF8.self)
  }

  private func kind(_ name: String) throws -> FileStatus.Kind {
    try FileStatus(of: folder.file(name), followingLinks: false).kind
  }

  @Test func `a new file and its folders are made, and a file is replaced but keeps its permissions`() throws {
    try AtomicFile.write(Array("1".utf8), given: folder.file("a/b"))
    #expect(try content("a/b") == "1")
    try folder.write("private", "longer than before", mode: 0o600)
    try AtomicFile.write(Array("2".utf8), given: folder.file("private"))
    #expect(try content("private") == "2")
    #expect(try FileStatus(of: folder.file("private")).mode == 0o600)
    #expect(throws: FileError.self) { try AtomicFile.write([], given: folder.path) }
  }

  @Test func `a place is refused before where writing would fail`() throws {
    try folder.write("file", "mine")
    try FileTree.symbolicLink(at: folder.file("link"), to: "new/file")
    for name in ["", "file/below", "file/below/it"] {
      #expect(throws: FileError.self, "\(name)") { try AtomicFile.check(given: folder.file(name)) }
    }
    for path in ["file", "new", "new/below", "link"].map(folder.file) + ["/dev/null", "relative"] {
      try AtomicFile.check(given: path)
    }
    #expect(try FileTree.names(in: folder.path) == ["file", "link"])
  }

  @Test func `a symbolic link is followed and stays, also one to nothing and one through a folder`() throws {
    try folder.write("real/file", "old")
    try FileTree.symbolicLink(at: folder.file("folder"), to: "real")
    try FileTree.symbolicLink(at: folder.file("first"), to: "folder/second")
    try FileTree.symbolicLink(at: folder.file("real/second"), to: "../real/file")
    try FileTree.symbolicLink(at: folder.file("dangling"), to: "new")
    try AtomicFile.write(Array("new".utf8), given: folder.file("first"))
    try AtomicFile.write(Array("made".utf8), given: folder.file("dangling"))
    #expect(try content("real/file") == "new" && content("new") == "made")
    for link in ["first", "real/second", "dangling"] { #expect(try kind(link) == .symbolicLink) }
    try FileTree.symbolicLink(at: folder.file("loop"), to: "loop")
    #expect(throws: FileError.self) { try AtomicFile.write([], given: folder.file("loop")) }
  }

  @Test func `a pipe is written to and stays`() throws {
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    // Open for both, so that nobody waits for the other.
    let descriptor = open(pipe, O_RDWR)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try AtomicFile.write(Array("through".utf8), given: pipe)
    try FileTree.symbolicLink(at: folder.file("link"), to: "pipe")
    try AtomicFile.write(Array(" and through".utf8), given: folder.file("link"))
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = read(descriptor, &buffer, buffer.count)
    #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "through and through")
    #expect(try kind("pipe") == .other && kind("link") == .symbolicLink)
    #expect(try FileTree.names(in: folder.path) == ["link", "pipe"])
    // What is not finished cannot be taken back, but what is there stays.
    try AtomicFile(given: pipe).discard()
    #expect(try kind("pipe") == .other)
  }
}
