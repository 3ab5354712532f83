import Foundation
import SematicFiles

/// Two base images like Sematic's own, made of Debian's packages: a real root with Python in it.
///
/// Tests/worker-base makes them, once for each version of itself, and Tests/install runs it beforehand.
package enum WorkerBase {
  /// User `worker`, an entrypoint, LD_LIBRARY_PATH as in CUDA images, a health check, labels.
  package static let tag = "worker"
  /// A layer more than the other; user root, no entrypoint.
  package static let extraTag = "worker-extra"

  /// The path of the layout folder that holds both.
  package static func layout() throws -> String { try made.get() }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool { ChildProcess.canRun("mmdebstrap", "jq") }

  private static let made = Result { () throws -> String in
    let script = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/worker-base"
    let result = try ChildProcess.run([script])
    guard result.status == 0, let path = result.output.split(separator: "\n").last else {
      throw ChildProcess.Failure("\(script): \(result.status): \(result.output)")
    }
    return String(path)
  }
}
