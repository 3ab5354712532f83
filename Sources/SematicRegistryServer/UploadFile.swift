import SematicFiles
import SematicOCI
import SematicSystem

/// What came so far of an upload, with one writer at a time, over processes too.
final class UploadFile {
  let path: String
  private let descriptor: CInt
  private(set) var size: Int64

  /// Makes a new, empty one.
  static func create(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
    close(descriptor)
  }

  /// Waits a while for another writer: the request of a connection that broke may not have noticed yet.
  /// - Returns: nil when there is no such upload, or no longer.
  /// - Throws: `FileError`; `RegistryFault` when another writer does not end.
  static func locked(_ path: String, patience: Int = 100) throws -> UploadFile? {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError("open", path, code: errno)
    }
    var tries = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      // A file system without locks: then a client's own order has to do.
      guard errno == EWOULDBLOCK else { break }
      tries += 1
      if tries > patience {
        close(descriptor)
        throw RegistryFault(.conflict, .blobUploadInvalid, "another request is writing to this upload")
      }
      usleep(50_000)
    }
    // While this one waited, the file may have become a blob: then not a byte may be written to it.
    var (opened, named) = (stat(), stat())
    guard fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino,
      opened.st_dev == named.st_dev
    else {
      close(descriptor)
      return nil
    }
    return UploadFile(path: path, descriptor: descriptor, size: Int64(opened.st_size))
  }

  private init(path: String, descriptor: CInt, size: Int64) {
    self.path = path
    self.descriptor = descriptor
    self.size = size
  }

  deinit { close(descriptor) }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path, code: errno)
      }
      size += Int64(count)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Makes it the blob that it is; the digest was checked.
  func become(_ digest: Digest, in store: Store) throws {
    // One that is shorter or longer than its content can only come from a damaged file system: it is replaced.
    if try store.size(ofBlob: digest) == size { return try remove() }
    let destination = store.path(ofBlob: digest)
    try FileTree.createDirectory(FileTree.parent(of: destination))
    try FileTree.move(path, to: destination)
    // Afterwards: one that is killed in between must not leave an upload that nobody can go on with.
    fchmod(descriptor, 0o444)
  }

  func remove() throws { try FileTree.remove(path) }
}
