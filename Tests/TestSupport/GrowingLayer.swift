import Foundation
import SematicFiles
import SematicImages
import SematicOCI

/// A layer of an image that becomes whole when a test says so.
package final class GrowingLayer {
  package let layer: Layer
  private let bytes: [UInt8]
  private let path: String
  private let file: FileHandle
  private var size = 0

  /// - Parameter layer: one whose content is a file.
  package init(_ layer: Layer) throws {
    guard case .file(let path) = layer.content else { throw ChildProcess.Failure("\(layer) is no file") }
    self.layer = layer
    self.path = path + ".growing"
    bytes = Array(try FileTree.read(path))
    try AtomicFile.write([], to: self.path)
    guard let file = FileHandle(forWritingAtPath: self.path) else { throw ChildProcess.Failure("no file") }
    self.file = file
  }

  /// Writes the next bytes.
  /// - Parameter rest: the bytes that are said to follow.
  package func grow(_ blob: GrowingBlob, by count: Int = .max, rest: Int64? = nil) throws {
    let end = min(bytes.count, count == .max ? count : size + count)
    try file.write(contentsOf: bytes[size..<end])
    size = end
    blob.grew(path, to: Int64(size), rest: rest)
  }
}
