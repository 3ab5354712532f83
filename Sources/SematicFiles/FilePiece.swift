import SematicSystem

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

/// Bytes that take the place of others in a file.
package struct FileEdit: Hashable, Sendable {
  package let offset: Int64
  package let bytes: [UInt8]

  package init(offset: Int64, bytes: [UInt8]) {
    self.offset = offset
    self.bytes = bytes
  }

  private var end: Int64 { offset.addingClamped(Int64(bytes.count)) }

  /// The pieces with the edits in them. An edit that lies in no range of the file is left out.
  package static func apply(_ edits: [FileEdit], to pieces: [FilePiece]) -> [FilePiece] {
    edits.reduce(pieces) { pieces, edit in
      pieces.flatMap { piece -> [FilePiece] in
        guard case .range(let offset, let count) = piece, edit.offset >= offset,
          edit.end <= offset.addingClamped(count)
        else { return [piece] }
        let before = edit.offset - offset
        return [
          .range(offset: offset, count: before), .bytes(edit.bytes),
          .range(offset: edit.end, count: count - before - Int64(edit.bytes.count)),
        ].filter { $0.size > 0 }
      }
    }
  }
}
