/// One member of a tar archive, without its content.
package struct TarEntry: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case file
    case directory
    case symbolicLink(String)
    case hardLink(String)
    /// A device, a pipe, a sparse file, by the header's typeflag.
    case other(UInt8)
  }

  /// The path without a trailing slash. Bytes that are no UTF-8 were replaced by U+FFFD when it was read.
  package var path: String
  package var kind: Kind
  /// Permission bits, without the type: `0o755`.
  package var mode: UInt16
  /// The size of the content, in bytes; 0 for all but files.
  package var size: Int64
  package var owner: Int64
  package var group: Int64
  /// Seconds since 1970.
  package var modified: Int64

  package init(
    path: String, kind: Kind, mode: UInt16, size: Int64 = 0, owner: Int64 = 0, group: Int64 = 0, modified: Int64 = 0
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.size = size
    self.owner = owner
    self.group = group
    self.modified = modified
  }

  package static func file(_ path: String, size: Int64, mode: UInt16 = 0o644) -> TarEntry {
    TarEntry(path: path, kind: .file, mode: mode, size: size)
  }

  package static func directory(_ path: String, mode: UInt16 = 0o755) -> TarEntry {
    TarEntry(path: path, kind: .directory, mode: mode)
  }

  package static func symbolicLink(_ path: String, to destination: String) -> TarEntry {
    TarEntry(path: path, kind: .symbolicLink(destination), mode: 0o777)
  }
}
