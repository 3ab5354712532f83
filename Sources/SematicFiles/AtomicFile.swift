import SematicSystem

/// A file that is written beside its place and renamed into it when it is whole.
///
/// Nobody ever sees half of it. What a killed process leaves behind is named `.partial-*` and is never read.
package final class AtomicFile {
  package let path: String
  package let partialPath: String
  private var descriptor: CInt
  /// In bytes, so far.
  package private(set) var size: Int64 = 0

  /// - Parameter mode: permission bits of the result, whatever the umask.
  /// - Throws: `FileError`.
  package init(_ path: String, mode: UInt16 = 0o644) throws {
    self.path = path
    let folder = FileTree.parent(of: path)
    try FileTree.createDirectory(folder)
    partialPath = "\(folder)/\(Leftovers.newName())"
    descriptor = open(partialPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
    guard fchmod(descriptor, mode_t(mode)) == 0 else {
      let code = errno
      discard()
      throw FileError("create", path, code: code)
    }
  }

  deinit { discard() }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = POSIX.write(descriptor, rest)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path, code: errno)
      }
      size += Int64(count)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  package func write(_ bytes: some Collection<UInt8>) throws {
    try Array(bytes).withUnsafeBytes { try write($0) }
  }

  /// Puts the file in its place. Afterwards `discard` does nothing.
  /// - Parameters:
  ///   - name: of the file in its folder, where that follows from its content.
  ///   - sealed: the content was checked: see `SealedFile`.
  package func commit(as name: String? = nil, sealed: Bool = false) throws {
    guard descriptor >= 0 else { return }
    let path = name.map { FileTree.parent(of: self.path) + "/" + $0 } ?? self.path
    if sealed, futimens(descriptor, [SealedFile.time, SealedFile.time]) != 0 {
      throw FileError("mark as checked", path, code: errno)
    }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, rename(partialPath, path) == 0 else {
      let code = errno
      unlink(partialPath)
      throw FileError("write", path, code: code)
    }
  }

  package func discard() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    unlink(partialPath)
  }

  /// Writes a small file as a whole.
  package static func write(_ bytes: some Collection<UInt8>, to path: String, mode: UInt16 = 0o644) throws {
    let file = try AtomicFile(path, mode: mode)
    try file.write(bytes)
    try file.commit()
  }
}
