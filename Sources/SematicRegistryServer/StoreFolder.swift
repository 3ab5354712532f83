import SematicFiles
import SematicSystem

/// A folder whose content is reached without following symbolic links: whoever can write a link into it must not make
/// the registry read or write elsewhere. The folder's own path may have links.
///
/// Paths are relative to it. Every function throws `FileError`.
struct StoreFolder: Sendable {
  let root: String

  struct Status {
    let isFolder: Bool
    /// In bytes.
    let size: Int64
    /// The last change of the content, in seconds since 1970.
    let modified: Int64
    let inode: UInt64
  }

  /// Calls `body` with the open parent folder of `path`, and the name in it.
  private func inParent<Result>(
    of path: String, creating: Bool = false, _ body: (_ folder: CInt, _ name: String) throws -> Result
  ) throws -> Result {
    if creating { try FileTree.createDirectory(root) }
    var folder = POSIX.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if folder >= 0 { POSIX.close(folder) } }
    guard folder >= 0 else { throw error("open", path) }
    var parts = path.split(separator: "/").map(String.init)
    let name = parts.popLast() ?? "."
    for part in parts {
      if creating, mkdirat(folder, part, 0o755) != 0, errno != EEXIST { throw error("create the folder of", path) }
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else { throw error("open", path) }
      POSIX.close(folder)
      folder = next
    }
    return try body(folder, name)
  }

  /// A symbolic link in place of a file or a folder counts as missing.
  private func error(_ operation: String, _ path: String) -> FileError {
    FileError(operation, "\(root)/\(path)", code: errno == ELOOP ? ENOTDIR : errno)
  }

  private func ifPresent<Result>(_ body: () throws -> Result) throws -> Result? {
    do {
      return try body()
    } catch let error as FileError where error.isMissing {
      return nil
    }
  }

  /// Nil when there is neither a file nor a folder.
  func status(_ path: String) throws -> Status? {
    try ifPresent {
      try inParent(of: path) { folder, name in
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw error("examine", path) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || kind == S_IFDIR else { return nil }
        let found = FileStatus(status)
        return Status(
          isFolder: kind == S_IFDIR, size: found.size, modified: found.modified / 1_000_000_000,
          inode: found.inode)
      }
    } ?? nil
  }

  func exists(_ path: String) throws -> Bool { try status(path) != nil }

  /// The names in a folder; none when there is no such folder.
  func names(_ path: String) throws -> [String] {
    try ifPresent {
      try inParent(of: path) { folder, name in
        let descriptor = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw error("list", path) }
        return try FileTree.names(inOpen: descriptor, path: "\(root)/\(path)")
      }
    } ?? []
  }

  /// - Throws: `FileError`; one that `isMissing` where there is no file.
  func open(_ path: String, _ flags: CInt = O_RDONLY, creating: Bool = false) throws -> StoredFile {
    try inParent(of: path, creating: creating) { folder, name in
      // Not blocked by a pipe in place of a file.
      let descriptor = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, creating ? 0o600 : 0)
      guard descriptor >= 0 else { throw error("open", path) }
      return try StoredFile(descriptor, path: "\(root)/\(path)")
    }
  }

  /// A small file as a whole; nil when there is none.
  func read(_ path: String, limit: Int = 8 << 20) throws -> [UInt8]? {
    try ifPresent { try open(path).bytes(limit: limit) }
  }

  /// Puts a small file into place as a whole.
  func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    let partial = Leftovers.newName()
    try inParent(of: path, creating: true) { folder, name in
      let descriptor = openat(folder, partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw error("create", path) }
      let file = try StoredFile(descriptor, path: "\(root)/\(path)")
      do {
        try bytes.withUnsafeBytes { try file.append($0) }
        guard fchmod(descriptor, mode) == 0, renameat(folder, partial, folder, name) == 0 else {
          throw error("write", path)
        }
      } catch {
        unlinkat(folder, partial, 0)
        throw error
      }
    }
  }

  /// Sets a file's time to now.
  func touch(_ path: String) throws {
    try inParent(of: path) { folder, name in
      guard utimensat(folder, name, nil, AT_SYMLINK_NOFOLLOW) == 0 else { throw error("touch", path) }
    }
  }

  func move(_ source: String, to path: String) throws {
    try inParent(of: source) { old, name in
      try inParent(of: path, creating: true) { new, newName in
        guard renameat(old, name, new, newName) == 0 else { throw error("put into place", path) }
      }
    }
  }

  /// Removes a file, or a link; nothing there is no error.
  func remove(_ path: String) throws {
    _ = try ifPresent {
      try inParent(of: path) { folder, name in
        guard unlinkat(folder, name, 0) == 0 else { throw error("remove", path) }
      }
    }
  }
}

/// An open file of the registry's folder.
final class StoredFile: Sendable {
  let path: String
  let descriptor: CInt
  /// In bytes, when it was opened.
  let size: Int64

  fileprivate init(_ descriptor: CInt, path: String) throws {
    self.path = path
    self.descriptor = descriptor
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    size = Int64(status.st_size)
    guard isKnown else { throw FileError("examine", path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, code: ENOTDIR) }
  }

  deinit { POSIX.close(descriptor) }

  /// Fills as much of the buffer as the file has; 0 at its end.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileError("read", path, code: errno) }
    }
  }

  func bytes(limit: Int) throws -> [UInt8] {
    guard size <= Int64(limit) else { throw FileError("read", path, reason: "it is larger than \(limit) bytes") }
    return try [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      while count < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
        let read = try read(at: Int64(count), into: rest)
        guard read > 0 else { break }
        count += read
      }
    }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard POSIX.writeAll(descriptor, bytes) else { throw FileError("write", path, code: errno) }
  }
}
