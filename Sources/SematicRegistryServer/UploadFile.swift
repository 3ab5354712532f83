import SematicFiles
import SematicOCI
import SematicSystem

/// The received part of an upload. It is locked against other writers of any process while it is open, which is only
/// while bytes are written, never while a client is waited for.
final class UploadFile {
  let path: String
  private let folder: StoreFolder
  private let file: StoredFile
  private(set) var size: Int64

  /// Opens and locks an upload; nil when there is no such upload, or no longer.
  /// - Throws: `FileError`; `Pause.lock` when another writer has it.
  init?(_ path: String, in folder: StoreFolder) throws {
    do {
      file = try folder.open(path, O_WRONLY | O_APPEND)
    } catch let error as FileError where error.isMissing {
      return nil
    }
    while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      if errno == EWOULDBLOCK { throw Pause.lock }
      // A file system without locks: the client's own order has to do.
      break
    }
    // Until it was locked, the file may have become a blob: then not a byte may be written to it.
    var status = stat()
    guard fstat(file.descriptor, &status) == 0, try folder.status(path)?.inode == UInt64(status.st_ino)
    else { return nil }
    self.path = path
    self.folder = folder
    size = Int64(status.st_size)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try file.append(bytes)
    size += Int64(bytes.count)
  }

  /// Makes it a blob; the digest was checked.
  func become(_ digest: Digest, in store: Store) throws {
    // A blob of another size than its content can only come from a damaged file system: it is replaced.
    if try store.size(ofBlob: digest) == size { return try remove() }
    try folder.move(path, to: store.path(ofBlob: digest))
    // Afterwards: a server that is killed in between must not leave an upload that cannot be continued.
    fchmod(file.descriptor, 0o444)
  }

  func remove() throws { try folder.remove(path) }
}
