import CSematic
import SematicOCI

/// The library libzstd (https://facebook.github.io/zstd/doc/api_manual_latest.html), which is loaded at run time.
enum Zstd {
  /// - Throws: `MissingLibrary`.
  static func version(for use: String = "`compression: zstd`") throws -> String {
    if let version = csematic_zstd_version() { return "zstd \(String(cString: version))" }
    throw MissingLibrary(reason: "libzstd, for \(use), was not found: install it (Debian and Ubuntu: libzstd1)")
  }

  /// Makes whole frames with a checksum: https://www.rfc-editor.org/rfc/rfc8878#section-3.1
  final class Writer: PieceCodec {
    private let state: OpaquePointer

    init?(level: Int) {
      guard let state = csematic_zstd_writer_new(CInt(truncatingIfNeeded: level)) else { return nil }
      self.state = state
    }

    deinit { csematic_zstd_writer_free(state) }

    func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
      let count = csematic_zstd_write(state, input.baseAddress, input.count, output.baseAddress, output.count)
      return count > 0 ? count : nil
    }
  }

  final class Reader {
    private let stream: OpaquePointer

    /// - Throws: `MissingLibrary`.
    init() throws {
      guard let stream = csematic_zstd_reader_new() else {
        throw MissingLibrary(reason: "\(try version(for: "a layer that is compressed with zstd")) is out of memory")
      }
      self.stream = stream
    }

    deinit { csematic_zstd_reader_free(stream) }

    /// - Returns: nil for corrupt data.
    func run(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecompressionStep? {
      DecompressionStep(input, output) {
        csematic_zstd_read(stream, input.baseAddress, &$0, output.baseAddress, &$1)
      }
    }
  }
}
