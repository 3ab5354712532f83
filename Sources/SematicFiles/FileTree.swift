import SematicSystem

/// Folders, links and whole small files, by path. Paths are UTF-8; every function throws `FileError`.
package enum FileTree {
  /// `/` for a name at the root, `.` for a bare name.
  package static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  /// Absolute, without `.`, `..` and doubled slashes; symbolic links stay as they are.
  package static func absolute(_ path: String, from folder: String? = nil) -> String {
    let whole = path.hasPrefix("/") ? path : (folder ?? currentDirectory()) + "/" + path
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  package static func currentDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  /// The path with every symbolic link followed.
  package static func resolved(_ path: String) throws -> String {
    guard let result = realpath(path, nil) else { throw FileError("resolve", path, code: errno) }
    defer { free(result) }
    return String(cString: result)
  }

  /// The path that a symbolic link leads to in the end, also where nothing is there yet; any other path is its own.
  package static func target(of path: String) throws -> String {
    var path = path
    // As many as Linux follows.
    for _ in 0..<40 {
      guard try FileStatus.ifPresent(path, followingLinks: false)?.kind == .symbolicLink else { return path }
      let destination = try destination(ofLink: path)
      // Not made absolute by its text alone: `..` behind a link to a folder leads elsewhere.
      path = destination.hasPrefix("/") ? destination : parent(of: path) + "/" + destination
    }
    throw FileError("resolve", path, code: ELOOP)
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  package static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  package static func isDirectory(_ path: String) -> Bool { (try? FileStatus(of: path))?.kind == .directory }

  /// Creates a folder with its parents; it may exist already.
  package static func createDirectory(_ path: String, mode: UInt16 = 0o755) throws {
    if mkdir(path, mode_t(mode)) == 0 { return }
    var code = errno
    if code == ENOENT, path != parent(of: path) {
      try createDirectory(parent(of: path))
      if mkdir(path, mode_t(mode)) == 0 { return }
      code = errno
    }
    guard code == EEXIST, isDirectory(path) else { throw FileError("create the folder", path, code: code) }
  }

  /// The names in a folder, in the order of their bytes, without `.` and `..`.
  package static func names(in folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw FileError("list", folder, code: errno) }
    return try names(stream, in: folder)
  }

  /// The names in a folder that is open; closes it.
  package static func names(inOpen descriptor: CInt, path: String) throws -> [String] {
    guard let stream = fdopendir(descriptor) else {
      POSIX.close(descriptor)
      throw FileError("list", path, code: errno)
    }
    return try names(stream, in: path)
  }

  #if canImport(Darwin)
    private typealias FolderStream = UnsafeMutablePointer<DIR>
  #else
    private typealias FolderStream = OpaquePointer
  #endif

  private static func names(_ stream: FolderStream, in folder: String) throws -> [String] {
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
      }
      guard let name else { throw FileError("list", folder, reason: "it has a name that is not UTF-8") }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw FileError("list", folder, code: errno) }
    return names.sorted { strcmp($0, $1) < 0 }
  }

  package static func destination(ofLink path: String) throws -> String {
    var size = 256
    while true {
      var failure: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        let read = buffer.withMemoryRebound(to: CChar.self) { text in
          text.baseAddress.map { readlink(path, $0, size) } ?? -1
        }
        failure = read < 0 ? errno : 0
        count = max(0, read)
      }
      guard failure == 0 else { throw FileError("read the link", path, code: failure) }
      if bytes.count < size { return String(decoding: bytes, as: UTF8.self) }
      size *= 2
    }
  }

  /// The content of a small file; nothing that a layer could hold.
  package static func read(_ path: String, limit: Int64 = 64 << 20) throws -> [UInt8] {
    let file = try InputFile(path)
    let status = try file.status()
    guard status.size <= limit else {
      throw FileError("read", path, reason: "it has \(status.size) bytes, more than the \(limit) that it may have")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.size))
    try file.forEachChunk(of: Int(min(1 << 20, status.size + 1))) { piece in
      guard Int64(bytes.count + piece.count) <= limit else {
        throw FileError("read", path, reason: "it grew beyond the \(limit) bytes that it may have")
      }
      bytes.append(contentsOf: piece)
    }
    return bytes
  }

  package static func symbolicLink(at path: String, to destination: String) throws {
    guard symlink(destination, path) == 0 else { throw FileError("create the link", path, code: errno) }
  }

  package static func move(_ source: String, to path: String) throws {
    guard rename(source, path) == 0 else { throw FileError("put into place", path, code: errno) }
  }

  /// Removes a file, or a folder with all that is in it; nothing there is no error. Links are removed, never followed.
  package static func remove(_ path: String) throws {
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return }
    if status.kind == .directory {
      for name in try names(in: path) { try remove(path + "/" + name) }
      guard rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path, code: errno) }
    } else {
      guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path, code: errno) }
    }
  }
}
