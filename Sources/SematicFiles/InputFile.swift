import SematicSystem

/// A regular file that is read piece by piece.
package final class InputFile {
  package let path: String
  private let descriptor: CInt

  /// - Throws: `FileError`, also for anything but a regular file: a pipe is not waited for.
  package init(_ path: String) throws {
    self.path = path
    // Without O_NONBLOCK, opening a pipe would wait for its writer. To a regular file the flag means nothing.
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    guard try status().kind == .file else { throw FileError("read", path, reason: "it is not a file") }
  }

  deinit { close(descriptor) }

  package func status() throws -> FileStatus {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("examine", path, code: errno) }
    return FileStatus(status)
  }

  /// Fills as much of the buffer as the file has; 0 at its end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = POSIX.read(descriptor, buffer)
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileError("read", path, code: errno) }
    }
  }

  /// - Parameter offset: from the start, in bytes.
  package func seek(to offset: Int64) throws {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw FileError("read", path, code: errno) }
  }

  /// Hands the rest of the file on, in pieces of at most `chunk` bytes, in one buffer that is used again.
  package func forEachChunk(
    of chunk: Int = 1 << 20, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 4096)
    defer { buffer.deallocate() }
    while case let count = try read(into: buffer), count > 0 {
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
