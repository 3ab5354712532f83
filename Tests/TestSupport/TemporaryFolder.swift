import Foundation
import SematicFiles

/// A folder that is gone when the test is over.
package final class TemporaryFolder: Sendable {
  /// Absolute, without a symbolic link in it.
  package let path: String

  package init(_ name: String = "test") throws {
    let parent = try FileTree.resolved(NSTemporaryDirectory())
    path = "\(parent)/swift-sematic-\(name)-\(UUID().uuidString.prefix(13).lowercased())"
    try FileTree.createDirectory(path)
  }

  deinit { try? FileTree.remove(path) }

  /// The path of a file in it, whether there or not.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, with the folders above it, and returns its path.
  @discardableResult
  package func write(_ name: String, _ bytes: some Collection<UInt8>, mode: UInt16 = 0o644) throws -> String {
    try AtomicFile.write(bytes, to: file(name), mode: mode)
    return file(name)
  }

  @discardableResult
  package func write(_ name: String, _ text: String, mode: UInt16 = 0o644) throws -> String {
    try write(name, Array(text.utf8), mode: mode)
  }
}
