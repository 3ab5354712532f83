import SematicFiles
import SematicOCI
import SematicSystem

/// Remembers which texts occur in a file, so that a large program is not read again to be asked the same.
///
/// It believes what the file system says of the file, as `LayerCache` does.
package struct FileSearchCache: Equatable, Sendable {
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Those of the texts that occur in the file. No text has a newline.
  /// - Throws: `FileError`.
  func occurring(
    _ texts: [String], in path: String, before end: Int64 = .max,
    now: Int64 = Int64(Date().timeIntervalSince1970 * 1_000_000_000)
  ) throws -> [String] {
    let status = try FileStatus(of: path)
    let state = [status.size, status.modified, status.changed, Int64(bitPattern: status.inode)].map(String.init)
    let key = try Digest.of((state + ["\(status.device)", path] + texts).joined(separator: "\n").utf8)
    let record = folder + "/" + key.hex
    // It ends with a newline when it is whole.
    if let bytes = try? FileTree.read(record, limit: 64 << 10), bytes.last == UInt8(ascii: "\n") {
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    let found = try FileSearch.occurring(texts, in: path, before: end)
    if try FileStatus(of: path) == status, status.settles <= now {
      try AtomicFile.write((found.joined(separator: "\n") + "\n").utf8, to: record)
    }
    return found
  }
}
