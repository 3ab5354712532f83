import Foundation
import SematicFiles
import TestSupport

@testable import SematicAssembly

/// A plan's files in a folder, as a runtime would unpack its layers, and programs that run in it.
struct LaidOutImage {
  let root: String
  let plan: ImagePlan

  init(_ plan: ImagePlan, in folder: TemporaryFolder) throws {
    root = folder.file("root")
    self.plan = plan
    for planned in plan.layers.flatMap(\.files) {
      let path = root + "/" + planned.path
      switch planned.content {
      case .directory: try FileTree.createDirectory(path)
      case .bytes(let bytes): try AtomicFile.write(bytes, to: path)
      case .symbolicLink(let destination): try FileTree.symbolicLink(at: path, to: destination)
      case .file(let source):
        let bytes = try FileTree.read(source.path)
        let content = source.pieces.flatMap { piece -> [UInt8] in
          switch piece {
          case .bytes(let bytes): bytes
          case .range(let offset, let count): Array(bytes[Int(offset)..<Int(offset + count)])
          }
        }
        try AtomicFile.write(content, to: path)
      }
      if case .symbolicLink = planned.content { continue }
      chmod(path, mode_t(planned.mode))
    }
  }

  /// Runs the entrypoint with nothing of this machine but the kernel.
  func run(_ arguments: [String]) throws -> ChildProcess.Result {
    // Without root, in a user namespace. /proc says to program and loader where they are: every runtime provides it.
    try FileTree.createDirectory(root + "/proc")
    let script = "mount --rbind /proc \"$0/proc\" && exec chroot \"$0\" \"$@\""
    let prefix = ["unshare"] + (geteuid() == 0 ? [] : ["--map-root-user"]) + ["--mount", "/bin/sh", "-c", script, root]
    let environment = Dictionary(
      plan.environment.map { variable in
        let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), String(parts[1]))
      }, uniquingKeysWith: { $1 })
    return try ChildProcess.run(
      prefix + plan.entrypoint + arguments, environment: environment)
  }
}
