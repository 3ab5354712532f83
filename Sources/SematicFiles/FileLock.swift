import SematicSystem

/// A lock between processes: a file that one of them holds at a time. The system releases it when its holder dies.
///
/// Where a file system has no such locks, nobody waits.
package enum FileLock {
  /// - Parameters:
  ///   - path: the lock's file, which is made if it is not there, and stays.
  ///   - waiting: called once, where another process has held the lock for two seconds.
  /// - Throws: `FileError`, and what the body throws.
  package static func hold<Result>(_ path: String, waiting: () -> Void, _ body: () throws -> Result) throws -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    defer { close(descriptor) }
    var tries = 0
    while flock(descriptor, tries > 20 ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { break }
      tries += 1
      if tries == 20 { waiting() }
      if tries < 20 { usleep(100_000) }
    }
    return try body()
  }
}
