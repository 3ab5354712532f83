import SematicSystem

/// A file that was checked when it was written, and not written to since.
///
/// Its modification time says so: the first second of 1970, which no later writer leaves as it is. So a blob of
/// gigabytes needs no second reading before it is used again. Hard links share it.
package enum SealedFile {
  static let time = timespec(tv_sec: 1, tv_nsec: 0)

  package static func seal(_ path: String) throws {
    guard utimensat(AT_FDCWD, path, [time, time], 0) == 0 else { throw FileError("mark as checked", path, code: errno) }
  }

  /// True when there is a sealed file of this size, in bytes.
  package static func exists(_ path: String, size: Int64) throws -> Bool {
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return false }
    return status.kind == .file && status.size == size && status.modified == Int64(time.tv_sec) * 1_000_000_000
  }

  /// Gives a sealed file a second name; false where the file system cannot.
  package static func link(_ path: String, to destination: String) throws -> Bool {
    try FileTree.createDirectory(FileTree.parent(of: destination))
    return POSIX.link(path, destination) == 0 || errno == EEXIST
  }
}
