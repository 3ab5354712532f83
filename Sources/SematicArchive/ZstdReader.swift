/// Decompresses zstd as a stream, all frames of it: https://www.rfc-editor.org/rfc/rfc8878
final class ZstdReader {
  private let source: BufferedSource
  private let reader: Zstd.Reader
  private var isBetweenFrames = true

  /// - Throws: `MissingLibrary`.
  init(_ source: BufferedSource) throws {
    self.source = source
    reader = try Zstd.Reader()
  }

  var output: ByteSource { ByteSource(read(into:)) }

  /// Magic_Number: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
  private static let magicNumber: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  /// Whether a frame comes next, of data or to be skipped (https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2).
  static func isZstd(_ source: BufferedSource) throws -> Bool {
    let start = try source.peek(4)
    return start.starts(with: magicNumber)
      || start.dropFirst().starts(with: [0x2A, 0x4D, 0x18]) && start[0] & 0xF0 == 0x50
  }

  private func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !target.isEmpty else { return 0 }
    while true {
      let input = try source.peek(1)
      if input.isEmpty, isBetweenFrames { return 0 }
      guard let step = reader.run(input, into: target) else {
        throw ArchiveError("read the archive", reason: "its compressed data is corrupt")
      }
      source.consume(step.consumed)
      isBetweenFrames = step.isEnd
      if step.produced > 0 { return step.produced }
      if input.isEmpty {
        throw ArchiveError("read the archive", reason: "it ends in the middle of its compressed data")
      }
    }
  }
}
