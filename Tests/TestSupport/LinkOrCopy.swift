import Foundation
import SematicFiles

extension FileTree {
  /// A second name for the same file, or a copy of it where the file system cannot.
  package static func linkOrCopy(_ source: String, to path: String) throws {
    try createDirectory(parent(of: path))
    if link(source, path) == 0 { return }
    let code = errno
    if code == EEXIST { return }
    guard [EXDEV, EPERM, EMLINK, ENOTSUP, EOPNOTSUPP].contains(code) else {
      throw FileError("create", path, code: code)
    }
    let output = try AtomicFile(path)
    try InputFile(source).forEachChunk { try output.write($0) }
    try output.commit()
  }
}
