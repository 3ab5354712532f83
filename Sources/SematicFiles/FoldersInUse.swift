import SematicSystem

/// Folders that this process reads: until it ends, nobody replaces them.
///
/// Each is locked itself, by everybody who reads it.
package final class FoldersInUse: @unchecked Sendable {  // the lock guards the variable
  private let lock = Lock()
  private var descriptors: [String: CInt] = [:]

  package init() {}

  deinit { descriptors.values.forEach { close($0) } }

  package func contains(_ path: String) -> Bool { lock.withLock { descriptors[path] != nil } }

  /// - Returns: false where there is no such folder.
  package func hold(_ path: String) -> Bool {
    lock.withLock {
      while descriptors[path] == nil {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
        // Another folder may be there by now: then that is the one to hold.
        var status = stat()
        if fstat(descriptor, &status) == 0, (try? FileStatus(of: path))?.inode == FileStatus(status).inode {
          descriptors[path] = descriptor
        } else {
          close(descriptor)
        }
      }
      return true
    }
  }

  /// Does something to a folder that nobody holds; false where somebody does.
  package static func ifUnused(_ path: String, _ body: () throws -> Void) rethrows -> Bool {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return false }
    try body()
    return true
  }
}
