import SematicELF
import SematicFiles
import SematicSystem

/// One file, folder or link of a layer, with all that is needed to write it but the bytes of files on disk.
package struct PlannedFile: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case directory
    case file(SourceFile)
    /// A small file that we write ourselves.
    case bytes([UInt8])
    case symbolicLink(String)
  }

  /// The path in the image, without the leading slash: `sematic/bin/Example`.
  package let path: String
  package let content: Content
  /// Permission bits.
  package let mode: UInt16
  package let owner: FileOwner

  /// - Parameter mode: nil for the usual one: 0o755 for a folder and for a file that its owner may execute, else 0o644.
  package init(path: String, content: Content, mode: UInt16? = nil, owner: FileOwner = .root) {
    self.path = path
    self.owner = owner
    self.content = content
    self.mode = mode ?? Self.usualMode(of: content)
  }

  private static func usualMode(of content: Content) -> UInt16 {
    switch content {
    case .directory: 0o755
    case .file(let source): source.status.mode & 0o100 == 0 ? 0o644 : 0o755
    case .bytes: 0o644
    case .symbolicLink: 0o777
    }
  }

  /// The size in bytes; nil for a folder or link.
  package var size: Int64? {
    switch content {
    case .file(let source): source.size
    case .bytes(let bytes): Int64(bytes.count)
    case .directory, .symbolicLink: nil
    }
  }

  /// The file on this machine, if it is one.
  package var source: SourceFile? {
    guard case .file(let source) = content else { return nil }
    return source
  }
}

/// A file of this machine that goes into a layer, as it was when the layer was planned.
package struct SourceFile: Hashable, Sendable {
  /// The absolute path; a symbolic link there is followed.
  package let path: String
  package let status: FileStatus
  /// Whether the debug information of an ELF file is left out.
  package let isStripped: Bool
  /// What is changed in an ELF file's search path.
  package let searchPath: [FileEdit]
  /// The parts of the file that go into the layer.
  package let pieces: [FilePiece]

  /// - Parameter status: where it is known already.
  /// - Throws: `ImagePlanError` for what is not a regular file, `FileError` for what cannot be read.
  package init(
    _ path: String, status: FileStatus? = nil, stripped: Bool = false, searchPath: [FileEdit] = []
  ) throws {
    self.path = path
    self.searchPath = searchPath
    isStripped = stripped
    // Examined first: opening a pipe would wait for its writer.
    self.status = try status ?? FileStatus(of: path)
    guard self.status.kind == .file else {
      throw ImagePlanError(.content(path: path, problem: "it is not a regular file"))
    }
    guard access(path, R_OK) == 0 else { throw FileError("read", path, code: errno) }
    let parts = stripped ? try StrippedElf(path)?.pieces : nil
    pieces = FileEdit.apply(searchPath, to: parts ?? [.range(offset: 0, count: self.status.size)])
  }

  /// The size in the layer, in bytes.
  package var size: Int64 { pieces.reduce(0) { $0.addingClamped($1.size) } }
}
