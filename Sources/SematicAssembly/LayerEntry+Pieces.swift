import SematicArchive
import SematicELF
import SematicFiles

extension LayerEntry {
  /// What goes into a layer, of which `status` is said on disk; nothing for a folder or a link.
  /// - Throws: `FileError`.
  func pieces(_ status: FileStatus?) throws -> [FilePiece] {
    let whole = FilePiece.range(offset: 0, count: status?.size ?? 0)
    return switch content {
    case .directory, .symbolicLink: []
    case .bytes(let bytes): [.bytes(bytes)]
    case .file: [whole]
    case .stripped(let path): try StrippedElf(path)?.pieces ?? [whole]
    }
  }
}

extension TarWriter {
  /// Writes the content of an entry that was begun.
  /// - Throws: `LayerError` when the file was changed meanwhile.
  func write(_ pieces: [FilePiece], of file: InputFile, through buffer: UnsafeMutableRawBufferPointer) throws {
    for piece in pieces {
      switch piece {
      case .bytes(let bytes): try bytes.withUnsafeBytes { try write($0) }
      case .range(let offset, var rest):
        try file.seek(to: offset)
        while rest > 0 {
          let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(rest, Int64(buffer.count)))])
          let count = try file.read(into: room)
          guard count > 0 else { throw LayerError.changed(file.path, reason: "it shrank") }
          try write(UnsafeRawBufferPointer(rebasing: room[..<count]))
          rest -= Int64(count)
        }
      }
    }
  }
}
