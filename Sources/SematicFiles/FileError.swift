#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An operation on a file that the system refused.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the infinitive: "read", "create the folder".
  package let operation: String
  package let path: String
  /// The system's `errno`; 0 where the reason is not the system's.
  package let code: Int32
  package let reason: String

  package init(_ operation: String, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
    self.reason = String(cString: strerror(code))
  }

  package init(_ operation: String, _ path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.code = 0
    self.reason = reason
  }

  package var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}
