import SematicSystem

/// An operation on a file that the system refused.
package struct FileError: ExplainedError, Equatable, Sendable {
  /// The operation in the infinitive: "read", "create the folder".
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

  package var hint: String? {
    switch code {
    case EFBIG: "files may not become so large here: `ulimit -f` shows the limit, or the file system has one"
    case ENOSPC, EDQUOT:
      "free space on the disk: `ImageTool clean` removes what can be made again, `ImageTool registry gc` what no image needs"
    case EACCES, EPERM, EROFS: "choose a folder that you may write to, or fix its permissions"
    default: nil
    }
  }
}
