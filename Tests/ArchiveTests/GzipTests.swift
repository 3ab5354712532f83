import Archive
import FileSystem
import OCI
import Testing
import TestSupport

@Suite struct GzipTests {
  @Test(arguments: [0, 1, 1000, 300_000, 3_000_000]) func readsBackWhatItWrote(count: Int) throws {
    var noise = Noise()
    let content = noise.bytes(min(count, 5000)) + [UInt8](repeating: 3, count: max(0, count - 5000))
    #expect(try unpack(pack(content)) == content)
  }

  @Test func theHeaderTellsNothing() throws {
    #expect(try pack([1, 2, 3]).prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
  }

  @Test func equalBytesAreEqualHoweverTheyAreCut() throws {
    var noise = Noise()
    let content = noise.bytes(100_000) + Array(repeatElement(Array("some text ".utf8), count: 250_000).joined())
    let whole = try pack(content)
    for piece in [1000, 65_536, 1_000_003] { #expect(try pack(content, cut: piece) == whole) }
  }

  @Test(.enabled(if: ChildProcess.canRun("gzip"))) func otherToolsReadIt() throws {
    let folder = try TemporaryFolder("gzip")
    let content = Array(repeatElement(Array("some text ".utf8), count: 250_000).joined())
    try folder.write("a.gz", try pack(content))
    let result = try ChildProcess.run(["gzip", "-d", folder.file("a.gz")])
    #expect(result.status == 0 && result.output.isEmpty)
    #expect(try FileTree.read(folder.file("a")) == content)
  }

  @Test func readsAllMembersAndWhatIsNotCompressed() throws {
    let members = try pack([1, 2]) + pack([]) + pack([3])
    #expect(try unpack(members) == [1, 2, 3])
    #expect(try unpack(members + [0, 0, 0, 0, 0]) == [1, 2, 3])
    #expect(try unpack(Array("plain".utf8)) == Array("plain".utf8))
    #expect(try unpack([]).isEmpty)
  }

  @Test func damageIsAnError() throws {
    let good = try pack([UInt8](repeating: 65, count: 10_000))
    for length in [2, 9, 12, good.count - 8, good.count - 1] {
      #expect(throws: ArchiveError.self) { _ = try unpack(Array(good[..<length])) }
    }
    for offset in [12, good.count - 6, good.count - 1] {
      var bad = good
      bad[offset] ^= 0x55
      #expect(throws: ArchiveError.self) { _ = try unpack(bad) }
    }
    #expect(throws: ArchiveError.self) { _ = try unpack(good + [1]) }
    #expect(throws: ArchiveError("read the archive", reason: "it is compressed with zstd, not with gzip")) {
      _ = try unpack([0x28, 0xB5, 0x2F, 0xFD, 0])
    }
  }

  @Test func everyLevelCompressesAndNoOtherIsTaken() throws {
    let content = Array(repeatElement(Array("some text ".utf8), count: 10_000).joined())
    for level in GzipWriter.levels { #expect(try unpack(pack(content, level: level)) == content) }
    #expect(throws: MissingLibrary.self) { try GzipWriter(level: 10) { _ in } }
  }

  private func pack(_ content: [UInt8], level: Int = GzipWriter.defaultLevel, cut piece: Int = .max) throws -> [UInt8] {
    try bytes { sink in
      let gzip = try GzipWriter(level: level, to: sink)
      var rest = content[...]
      while !rest.isEmpty {
        try rest.prefix(piece).withUnsafeBytes { try gzip.write($0) }
        rest = rest.dropFirst(piece)
      }
      try gzip.finish()
    }
  }

  private func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
    let reader = GzipReader(ByteSource(bytes))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 10_000, alignment: 16)
    defer { buffer.deallocate() }
    var content: [UInt8] = []
    while case let count = try reader.read(into: buffer), count > 0 { content.append(contentsOf: buffer[..<count]) }
    return content
  }
}
