import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicArchive
@testable import SematicELF

@Suite struct CompressionTests {
  static let methods = LayerCompression.Method.allCases

  @Test(arguments: methods, [0, 1, 1000, 300_000, 3_000_000])
  func `reads back what it wrote`(method: LayerCompression.Method, count: Int) throws {
    var noise = Noise()
    let content = noise.bytes(min(count, 5000)) + [UInt8](repeating: 3, count: max(0, count - 5000))
    #expect(try unpack(pack(content, method)) == content)
  }

  @Test func `the header of gzip tells nothing`() throws {
    #expect(try pack([1, 2, 3]).prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
  }

  @Test(arguments: methods)
  func `equal bytes are equal however they are cut and on any number of processors`(method: LayerCompression.Method)
    throws
  {
    let whole = try pack(Self.mixed, method, width: 1)
    for piece in [65_536, 1_000_003] { #expect(try pack(Self.mixed, method, cut: piece) == whole) }
    for width in [0, 2, 7] { #expect(try pack(Self.mixed, method, width: width) == whole) }
    #expect(try unpack(whole) == Self.mixed)
  }

  @Test(arguments: methods, [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, (256 << 10) + 1])
  func `pieces end anywhere`(method: LayerCompression.Method, count: Int) throws {
    let content = [UInt8](Self.mixed.dropFirst(1 << 20).prefix(count))
    #expect(content.count == count)
    #expect(try unpack(pack(content, method)) == content)
  }

  @Test(arguments: methods) func `what does not compress hardly grows`(method: LayerCompression.Method) throws {
    let content = Array(Self.mixed.prefix(1 << 20))
    #expect(try pack(content, method).count <= (1 << 20) + 17 * 5 + 10 + 2 + 8)
    #expect(try unpack(pack(content, method)) == content)
  }

  @Test(arguments: methods)
  func `other tools read it`(method: LayerCompression.Method) throws {
    let tool = method.rawValue
    guard ChildProcess.canRun(tool) else { return }
    let folder = try TemporaryFolder("packed")
    let name = tool == "gzip" ? "a.gz" : "a.zst"
    try folder.write(name, try pack(Self.mixed, method))
    let result = try ChildProcess.run([tool, "-d", folder.file(name)])
    #expect(result.status == 0)
    #expect(try FileTree.read(folder.file("a")) == Self.mixed)
  }

  /// Noise, text, and both again, in pieces that are not those of the writer.
  private static let mixed: [UInt8] = {
    var noise = Noise()
    let random = noise.bytes(1_300_000)
    let text = Array(repeatElement(Array("some text ".utf8), count: 130_000).joined())
    return random + text + random + text + [1]
  }()

  @Test(arguments: methods) func `reads all members`(method: LayerCompression.Method) throws {
    let members = try pack([1, 2], method) + pack([], method) + pack([3], method)
    #expect(try unpack(members) == [1, 2, 3])
  }

  @Test func `reads what is not compressed and skips what is no data`() throws {
    #expect(try unpack(pack([1, 2]) + [0, 0, 0, 0, 0]) == [1, 2])
    #expect(try unpack(Array("plain".utf8)) == Array("plain".utf8))
    #expect(try unpack([]).isEmpty)
    // https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2
    let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7]
    #expect(try unpack(skipped + pack([1, 2], .zstd) + skipped) == [1, 2])
  }

  @Test(arguments: methods) func `damage is an error`(method: LayerCompression.Method) throws {
    let good = try pack([UInt8](repeating: 65, count: 10_000), method)
    for length in [5, 9, 12, good.count - 2, good.count - 1] {
      #expect(throws: ArchiveError.self) { _ = try unpack(Array(good[..<length])) }
    }
    for offset in [12, good.count - 2, good.count - 1] {
      var bad = good
      bad[offset] ^= 0x55
      #expect(throws: ArchiveError.self) { _ = try unpack(bad) }
    }
    #expect(throws: ArchiveError.self) { _ = try unpack(good + [1]) }
  }

  @Test(arguments: LayerCompression.Method.allCases) func `every level compresses`(method: LayerCompression.Method)
    throws
  {
    let content = Array(repeatElement(Array("some text ".utf8), count: 10_000).joined())
    for level in method.levels {
      let compressor = try Compressor(LayerCompression(method, level: level))
      #expect(compressor.identity.hasSuffix("level \(level)"))
      #expect(try unpack(pack(content, compressor: compressor)) == content)
    }
  }

  @Test func `a level that the library does not know is an error`() throws {
    let compressor = try Compressor(LayerCompression(.gzip, level: 10))
    #expect(throws: MissingLibrary.self) { try CompressedWriter(compressor) { _ in } }
  }

  @Test func `what makes other bytes has another identity`() throws {
    let compressors = try [
      Compressor(.gzip), Compressor(.zstd), Compressor(LayerCompression(.gzip, level: 2)),
      Compressor(LayerCompression(.zstd, level: 3)),
    ]
    #expect(Set(compressors.map(\.identity)).count == compressors.count)
  }

  private func pack(
    _ content: [UInt8], _ method: LayerCompression.Method = .gzip, width: Int = 2, cut piece: Int = .max
  ) throws -> [UInt8] {
    try pack(content, compressor: Compressor(LayerCompression(method)), width: width, cut: piece)
  }

  private func pack(
    _ content: [UInt8], compressor: Compressor, width: Int = 2, cut piece: Int = .max
  ) throws -> [UInt8] {
    try bytes { sink in
      let writer = try CompressedWriter(compressor, width: width, to: sink)
      var rest = content[...]
      while !rest.isEmpty {
        try rest.prefix(piece).withUnsafeBytes { try writer.write($0) }
        rest = rest.dropFirst(piece)
      }
      try writer.finish()
    }
  }

  private func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
    let source = BufferedSource(ByteSource(bytes))
    let reader = try ZstdReader.isZstd(source) ? ZstdReader(source).output : GzipReader(source).output
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 10_000, alignment: 16)
    defer { buffer.deallocate() }
    var content: [UInt8] = []
    while case let count = try reader.read(buffer), count > 0 { content.append(contentsOf: buffer[..<count]) }
    return content
  }
}
