import SematicSystem

/// A file that is written beside its place and renamed into it when it is whole.
///
/// Nobody ever sees half of it. What a killed process leaves behind is named `.partial-*` and is never read.
package final class AtomicFile {
  package let path: String
  /// The path that it is written at; nil for a device or a pipe, which cannot be renamed into place.
  private let partialPath: String?
  /// Where the bytes are until `commit`.
  package var writtenPath: String { partialPath ?? path }
  private var descriptor: CInt
  /// How many bytes were written so far.
  package private(set) var size: Int64 = 0

  /// - Parameter mode: permission bits of the result, whatever the umask; nil for what the umask leaves.
  /// - Throws: `FileError`.
  package init(_ path: String, mode: UInt16? = 0o644) throws {
    self.path = path
    let folder = FileTree.parent(of: path)
    try FileTree.createDirectory(folder)
    let partialPath = "\(folder)/\(Leftovers.newName())"
    self.partialPath = partialPath
    descriptor = open(partialPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode == nil ? 0o666 : 0o600)
    guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
    guard mode.map({ fchmod(descriptor, mode_t($0)) == 0 }) ?? true else {
      let code = errno
      discard()
      throw FileError("create", path, code: code)
    }
  }

  /// A file that a person named as the place of a result.
  ///
  /// A device or a pipe is written to and stays, a symbolic link is followed, and a file keeps its permissions.
  /// - Throws: `FileError`.
  package convenience init(given path: String) throws {
    let target = try Self.target(given: path)
    switch try FileStatus.ifPresent(target) {
    case let status? where status.kind == .other: try self.init(stream: target)
    case let status? where status.kind == .directory: throw FileError("write", path, code: EISDIR)
    case let status?: try self.init(target, mode: status.mode)
    case nil: try self.init(target, mode: nil)
    }
  }

  /// Refuses a place where `init(given:)` would fail, before the work whose result is to be there.
  /// - Throws: `FileError`.
  package static func check(given path: String) throws {
    let target = try target(given: path)
    let status = try FileStatus.ifPresent(target)
    if status?.kind == .directory { throw FileError("write", path, code: EISDIR) }
    if status?.kind == .other { return }
    var folder = FileTree.parent(of: target)
    while try FileStatus.ifPresent(folder) == nil, folder != "/" { folder = FileTree.parent(of: folder) }
    guard FileTree.isDirectory(folder) else { throw FileError("write", path, code: ENOTDIR) }
    guard FileTree.isWritable(folder) else { throw FileError("write", path, code: errno) }
  }

  /// The place that a path leads to. That of a device or a pipe stays as it is: the links of /dev/stdout lead to names that
  /// only the system understands.
  package static func target(given path: String) throws -> String {
    let path = FileTree.absolute(path)
    return try FileStatus.ifPresent(path)?.kind == .other ? path : FileTree.target(of: path)
  }

  private init(stream path: String) throws {
    self.path = path
    partialPath = nil
    descriptor = POSIX.open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
  }

  deinit { discard() }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard POSIX.writeAll(descriptor, bytes) else { throw FileError("write", path, code: errno) }
    size += Int64(bytes.count)
  }

  package func write(_ bytes: some Collection<UInt8>) throws {
    try Array(bytes).withUnsafeBytes { try write($0) }
  }

  /// Puts the file in its place. Afterwards `discard` does nothing.
  /// - Parameters:
  ///   - name: the file's name in its folder, where that follows from its content.
  ///   - sealed: the content was checked: see `SealedFile`.
  package func commit(as name: String? = nil, sealed: Bool = false) throws {
    guard descriptor >= 0 else { return }
    let path = name.map { FileTree.parent(of: self.path) + "/" + $0 } ?? self.path
    if sealed, futimens(descriptor, [SealedFile.time, SealedFile.time]) != 0 {
      throw FileError("mark as checked", path, code: errno)
    }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, partialPath.map({ rename($0, path) == 0 }) ?? true else {
      let code = errno
      removePartial()
      throw FileError("write", path, code: code)
    }
  }

  package func discard() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    removePartial()
  }

  private func removePartial() {
    if let partialPath { unlink(partialPath) }
  }

  /// Writes a small file as a whole.
  package static func write(_ bytes: some Collection<UInt8>, to path: String, mode: UInt16 = 0o644) throws {
    let file = try AtomicFile(path, mode: mode)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes a small result where a person wants it: see `init(given:)`.
  package static func write(_ bytes: some Collection<UInt8>, given path: String) throws {
    let file = try AtomicFile(given: path)
    try file.write(bytes)
    try file.commit()
  }
}
