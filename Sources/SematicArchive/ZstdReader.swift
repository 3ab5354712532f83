import CSematic
import SematicOCI

/// Decompresses zstd as a stream, all frames of it.
final class ZstdReader {
  private let source: BufferedSource
  private let stream: OpaquePointer
  private var isBetweenFrames = true

  /// - Throws: `MissingLibrary`.
  init(_ source: BufferedSource) throws {
    guard let stream = cl_zstd_reader_new() else {
      throw MissingLibrary(
        reason: "a layer is compressed with zstd, and libzstd was not found: install it (Debian and Ubuntu: libzstd1)")
    }
    self.source = source
    self.stream = stream
  }

  deinit { cl_zstd_reader_free(stream) }

  var output: ByteSource { ByteSource(read(into:)) }

  /// Whether a frame comes next, of data or to be skipped.
  static func isZstd(_ source: BufferedSource) throws -> Bool {
    let magic = try source.peek(4)
    return magic.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
      || magic.dropFirst().starts(with: [0x2A, 0x4D, 0x18]) && magic[0] & 0xF0 == 0x50
  }

  private func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !target.isEmpty else { return 0 }
    while true {
      let input = try source.peek(1)
      if input.isEmpty, isBetweenFrames { return 0 }
      var (rest, room) = (input.count, target.count)
      let result = cl_zstd_read(stream, input.baseAddress, &rest, target.baseAddress, &room)
      guard result >= 0 else { throw ArchiveError("read the archive", reason: "its compressed data is corrupt") }
      source.consume(input.count - rest)
      isBetweenFrames = result == 1
      if room < target.count { return target.count - room }
      if input.isEmpty {
        throw ArchiveError("read the archive", reason: "it ends in the middle of its compressed data")
      }
    }
  }
}
