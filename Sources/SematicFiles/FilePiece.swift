/// A part of a file's content.
package enum FilePiece: Hashable, Sendable {
  /// A range of the file on disk, in bytes.
  case range(offset: Int64, count: Int64)
  case bytes([UInt8])

  /// The size in bytes.
  package var size: Int64 {
    switch self {
    case .range(_, let count): count
    case .bytes(let bytes): Int64(bytes.count)
    }
  }
}
