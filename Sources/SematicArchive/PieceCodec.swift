import CSematic

/// Compresses pieces, each as if it stood alone; on one thread at a time.
protocol PieceCodec: AnyObject {
  /// - Returns: how many bytes were written; nil when the library failed.
  func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int?
}

/// Each piece is a frame of zstd: https://www.rfc-editor.org/rfc/rfc8878#section-3.1
final class ZstdCodec: PieceCodec {
  private let state: OpaquePointer

  init?(level: Int) {
    guard let state = cl_zstd_writer_new(CInt(truncatingIfNeeded: level)) else { return nil }
    self.state = state
  }

  deinit { cl_zstd_writer_free(state) }

  func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
    let count = cl_zstd_write(state, input.baseAddress, input.count, output.baseAddress, output.count)
    return count > 0 ? count : nil
  }
}
