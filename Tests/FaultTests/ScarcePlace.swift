import Foundation
import SematicFiles
import TestSupport

/// A folder that takes 2 MB: a file system of its own, or, where none may be mounted, a limit on the size of files.
struct ScarcePlace {
  let path: String
  /// What a program is started with.
  let prefix: [String]
  private let isMounted: Bool

  /// - Parameter mounts: false for the limit in any case.
  init(at path: String, mounts: Bool = true) throws {
    self.path = path
    try FileTree.createDirectory(path)
    isMounted = mounts && Mount.attach(["-t", "tmpfs", "-o", "size=2m", "tmpfs", path])
    // In blocks of 512 bytes.
    prefix = isMounted ? [] : ["sh", "-c", #"ulimit -f 4000; exec "$@""#, "sh"]
  }

  var reason: String { isMounted ? "o space left on device" : "File too large" }
  var hint: String {
    isMounted ? "hint: free space on the disk" : "hint: files may not become so large here: `ulimit -f`"
  }

  func release() { if isMounted { Mount.detach(path) } }
}

/// A folder that may not be written to, by a read-only mount, or else by its permissions.
struct SealedPlace {
  let path: String
  /// What a program is started with.
  let prefix: [String]
  private let isMounted: Bool

  /// - Parameter path: of a folder; what is in it can be read.
  init(_ path: String, mounts: Bool = true) throws {
    self.path = path
    try FileTree.createDirectory(path)
    isMounted =
      mounts && Mount.attach(["--bind", path, path]) && Mount.attach(["-o", "remount,bind,ro", path])
    // Permissions are nothing to root: somebody else has to try.
    prefix = isMounted || geteuid() != 0 ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    if !isMounted { chmod(path, 0o555) }
  }

  var reasons: [String] { ["Read-only file system", "Permission denied"] }

  func release() {
    if isMounted { Mount.detach(path) }
    chmod(path, 0o755)
  }
}

private enum Mount {
  /// False where that is not allowed.
  static func attach(_ arguments: [String]) -> Bool {
    geteuid() == 0 && ChildProcess.find("mount") != nil
      && (try? ChildProcess.run(["mount"] + arguments).status) == 0
  }

  static func detach(_ path: String) { _ = try? ChildProcess.run(["umount", "-l", path]) }
}
