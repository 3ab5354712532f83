import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@Suite struct TarWriterTests {
  /// Of the lengths at which a name moves from one field to two, and from there to a pax header; and other alphabets.
  static let names: [String] =
    [1, 99, 100, 101, 155, 156, 157, 255, 256, 257, 300].map { String(repeating: "n", count: $0) }
    + [(50, 50), (99, 100), (100, 100), (154, 101), (155, 100), (155, 101), (156, 99), (200, 50)].map {
      String(repeating: "d", count: $0.0) + "/" + String(repeating: "n", count: $0.1)
    }
    + ["with spaces", "Ärger über Öl", "日本語", "🎉🎊", "new\nline", "quote\"'\\", "a=b", "e\u{301}"]
    + [String(repeating: "ü/", count: 100) + "end"]

  @Test func `writes the bytes of the standard`() throws {
    let bytes = try archive { tar in
      try tar.add(.directory("folder"))
      try tar.add(.file("folder/program", size: 3, mode: 0o755), content: [1, 2, 3])
      try tar.add(.symbolicLink("folder/link", to: "program"))
      try tar.add(.file("folder/ü", size: 0))
    }
    #expect(bytes.count == 512 + 1024 + 512 + 1536 + 1024)
    #expect(
      try Digest.of(bytes).description == "sha256:4f5471b84c690ba01521f11219606637d017bd362c6401e95212afdb0a0b2d44")
    let header = bytes[512..<1024].map { $0 == 0 ? "." : String(UnicodeScalar($0)) }.joined()
    #expect(header.hasPrefix("folder/program"))
    #expect(header.contains("0000755.0000000.0000000.00000000003.00000000000."))
    #expect(header.contains("ustar.00"))
  }

  @Test func `owners and groups of any size are written`() throws {
    let numbers: [Int64] = [0, 7, 0o777_7777, 0o1000_0000, 4_294_967_295]
    let expected = numbers.map { number in
      var entry = TarEntry.directory("folder-\(number)", mode: 0o700)
      (entry.owner, entry.group) = (number, number / 2)
      return entry
    }
    let bytes = try archive { tar in for entry in expected { try tar.add(entry) } }
    #expect(try entries(of: bytes) == expected)
    #expect(try expected.reduce(0) { $0 + (try TarWriter.size(of: $1)) } == Int64(bytes.count - 1024))
    guard ChildProcess.canRun("tar") else { return }
    let folder = try TemporaryFolder("tar")
    let listed = try ChildProcess.run(["tar", "--numeric-owner", "-tvf", folder.write("a.tar", bytes)]).output
    for number in numbers { #expect(listed.contains(" \(number)/\(number / 2) "), "\(listed)") }
    var negative = TarEntry.directory("a")
    negative.group = -1
    #expect(throws: ArchiveError.self) { try TarWriter.size(of: negative) }
  }

  @Test func `reads back every name`() throws {
    let bytes = try archive { tar in
      for name in Self.names {
        try tar.add(.file(name, size: 1), content: [7])
        try tar.add(.directory("f/" + name))
        try tar.add(.symbolicLink("l/" + name, to: name))
      }
    }
    let read = try entries(of: bytes)
    let expected = Self.names.flatMap {
      [TarEntry.file($0, size: 1), .directory("f/" + $0), .symbolicLink("l/" + $0, to: $0)]
    }
    #expect(read.count == expected.count)
    for (read, expected) in zip(read, expected) {
      #expect(read == expected)
      // `String` takes two spellings of an accent for one.
      #expect(read.path.utf8.elementsEqual(expected.path.utf8))
    }
  }

  @Test(.enabled(if: ChildProcess.canRun("tar"))) func `other tools extract every name`() throws {
    let folder = try TemporaryFolder("tar")
    let names = Self.names.filter { $0.utf8.split(separator: 47).allSatisfy { $0.count <= 255 } }
    let bytes = try archive { tar in
      for (index, name) in names.enumerated() {
        try tar.add(.file("\(index)/\(name)", size: 2, mode: index % 2 == 0 ? 0o755 : 0o640), content: [7, 8])
        try tar.add(.symbolicLink("\(index)-link", to: name))
      }
    }
    try folder.write("archive.tar", bytes)
    try FileTree.createDirectory(folder.file("out"))
    let result = try ChildProcess.run(["tar", "-xpf", folder.file("archive.tar"), "-C", folder.file("out")])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output == "")
    for (index, name) in names.enumerated() {
      let path = folder.file("out/\(index)/\(name)")
      #expect(try FileTree.read(path) == [7, 8])
      #expect(try FileStatus(of: path).mode == (index % 2 == 0 ? 0o755 : 0o640))
      #expect(try FileStatus(of: path).modified == 0)
      #expect(try FileTree.destination(ofLink: folder.file("out/\(index)-link")) == name)
    }
  }

  @Test func `describes files of more than eight gibibytes`() throws {
    func header(_ size: Int64) throws -> [UInt8] { try bytes { try TarWriter(to: $0).begin(.file("big", size: size)) } }
    let limit: Int64 = 8 << 30
    #expect(try header(limit - 1).count == 512)
    let large = try header(9 << 30)
    #expect(large.count == 1536)
    #expect(large[512..<532].elementsEqual("19 size=9663676416\n\u{0}".utf8))
    for size in [limit - 1, limit, 9 << 30, 1 << 62] {
      var source = ByteSource(try header(size))
      if size == 9 << 30 { source = ByteSource(large + [1, 2, 3]) }
      let reader = try TarReader(source)
      #expect(try reader.next() == .file("big", size: size))
      #expect(throws: ArchiveError.self) { try reader.next() }
    }
  }

  @Test func `content must be what the header says`() throws {
    let tar = TarWriter { _ in }
    try tar.begin(.file("a", size: 2))
    #expect(throws: ArchiveError("write 'a' to the tar archive", reason: "2 bytes of its content are missing")) {
      try tar.begin(.file("b", size: 0))
    }
    #expect(throws: ArchiveError("write 'a' to the tar archive", reason: "it has more content than the header says")) {
      try [UInt8](repeating: 0, count: 3).withUnsafeBytes { try tar.write($0) }
    }
    #expect(throws: ArchiveError.self) { try tar.finish() }
  }

  @Test(arguments: [
    TarEntry.file("", size: 0), .file("a\u{0}b", size: 0), .symbolicLink("a", to: "b\u{0}"), .file("a", size: -1),
    TarEntry(path: "a", kind: .directory, mode: 0o755, size: 1),
  ])
  func `refuses what no archive can hold`(_ entry: TarEntry) {
    #expect(throws: ArchiveError.self) { try TarWriter { _ in }.begin(entry) }
  }
}
