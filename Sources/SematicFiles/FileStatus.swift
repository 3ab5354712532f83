import SematicSystem

/// The file system's record of a file, without its content.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Equatable, Sendable { case file, directory, symbolicLink, other }

  package let kind: Kind
  /// The size in bytes.
  package let size: Int64
  /// Permission bits, without the type: `0o755`.
  package let mode: UInt16
  /// Nanoseconds since 1970.
  package let modified: Int64
  /// Nanoseconds since 1970, of the last change to content or attributes.
  package let changed: Int64
  package let inode: UInt64
  package let device: UInt64

  /// - Parameter followingLinks: false to learn of a symbolic link itself.
  /// - Throws: `FileError`.
  package init(of path: String, followingLinks: Bool = true) throws {
    var status = stat()
    guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
      throw FileError("examine", path, code: errno)
    }
    self.init(status)
  }

  package init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .symbolicLink
    default: kind = .other
    }
    size = Int64(status.st_size)
    mode = UInt16(truncatingIfNeeded: status.st_mode & 0o7777)
    #if canImport(Darwin)
      let (modification, change) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (modification, change) = (status.st_mtim, status.st_ctim)
    #endif
    // Some file systems keep times beyond the year 2262: those wrap around, and stay different from one another.
    modified = Int64(modification.tv_sec) &* 1_000_000_000 &+ Int64(modification.tv_nsec)
    changed = Int64(change.tv_sec) &* 1_000_000_000 &+ Int64(change.tv_nsec)
    inode = UInt64(status.st_ino)
    device = UInt64(truncatingIfNeeded: status.st_dev)
  }

  /// The status of what is at `path`; nil when there is nothing.
  package static func ifPresent(_ path: String, followingLinks: Bool = true) throws -> FileStatus? {
    do {
      return try FileStatus(of: path, followingLinks: followingLinks)
    } catch let error as FileError where error.isMissing {
      return nil
    }
  }
}
