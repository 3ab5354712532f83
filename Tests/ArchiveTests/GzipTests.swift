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

  @Test func equalBytesAreEqualHoweverTheyAreCutAndOnAnyNumberOfProcessors() throws {
    let whole = try pack(Self.mixed, width: 1)
    for piece in [65_536, 1_000_003] { #expect(try pack(Self.mixed, cut: piece) == whole) }
    for width in [0, 2, 7] { #expect(try pack(Self.mixed, width: width) == whole) }
    #expect(try unpack(whole) == Self.mixed)
  }

  @Test(arguments: [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, (256 << 10) + 1])
  func piecesEndAnywhere(count: Int) throws {
    let content = [UInt8](Self.mixed.dropFirst(1 << 20).prefix(count))
    #expect(content.count == count)
    #expect(try unpack(pack(content)) == content)
  }

  @Test func whatDoesNotCompressHardlyGrows() throws {
    let content = Array(Self.mixed.prefix(1 << 20))
    #expect(try pack(content).count == (1 << 20) + 17 * 5 + 10 + 2 + 8)
    #expect(try unpack(pack(content)) == content)
  }

  @Test(.enabled(if: ChildProcess.canRun("gzip"))) func otherToolsReadIt() throws {
    let folder = try TemporaryFolder("gzip")
    try folder.write("a.gz", try pack(Self.mixed))
    let result = try ChildProcess.run(["gzip", "-d", folder.file("a.gz")])
    #expect(result.status == 0 && result.output.isEmpty)
    #expect(try FileTree.read(folder.file("a")) == Self.mixed)
  }

  /// Noise, text, and both again, in pieces that are not those of the writer.
  private static let mixed: [UInt8] = {
    var noise = Noise()
    let random = noise.bytes(1_300_000)
    let text = Array(repeatElement(Array("some text ".utf8), count: 130_000).joined())
    return random + text + random + text + [1]
  }()

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

  private func pack(_ content: [UInt8], level: Int = GzipWriter.defaultLevel, width: Int = 2, cut piece: Int = .max)
    throws -> [UInt8]
  {
    try bytes { sink in
      let gzip = try GzipWriter(level: level, width: width, to: sink)
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
