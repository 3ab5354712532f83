import SematicFiles
import SematicSystem

extension StateFolder {
  /// Notes that this process uses the folder until it ends, and links the tool where people can type its path.
  ///
  /// Who finds the folder unused removes what killed processes left, and sweeps it once a day. None of this is needed for
  /// the work itself: where the folder cannot be written to, the verb says so when it writes.
  /// - Parameter limit: see `sweep`; nil sweeps nothing.
  /// - Returns: the bytes that were freed.
  @discardableResult
  func use(limit: Int64? = nil) -> Int64 {
    var freed: Int64 = 0
    if (try? create()) != nil {
      let descriptor = openLock()
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        removeLeftovers()
        if let limit, isDue { freed = sweep(limit: limit) }
      }
      flock(descriptor, LOCK_SH)
    }
    hide()
    linkTool()
    return freed
  }

  /// Notes that this process uses the folder, if it is there already, and changes nothing in it.
  func share() {
    if FileTree.exists(path) { flock(openLock(), LOCK_SH) }
  }

  private func removeLeftovers() {
    for folder in [path, blobs + "/sha256", blobs + "/sha512", blobs + "/layers", images, searches, listings, python] {
      Leftovers.remove(in: folder, isAlone: true)
    }
  }

  /// Git need not know of it, also where there is no SwiftPM whose .build is ignored already.
  private func hide() {
    let folder = FileTree.parent(of: path)
    let ignored = folder + "/.gitignore"
    if FileTree.name(of: folder) == ".build", !Workspace.isSwift(FileTree.parent(of: folder)), !FileTree.exists(ignored)
    {
      try? AtomicFile.write("*\n".utf8, to: ignored)
    }
  }

  private func linkTool() {
    guard Invocation.isVerb, let program = POSIX.executablePath else { return }
    guard (try? FileTree.destination(ofLink: tool)) != program else { return }
    let partial = path + "/" + Leftovers.newName()
    try? FileTree.symbolicLink(at: partial, to: program)
    try? FileTree.move(partial, to: tool)
  }

  /// Removes what can be made again.
  /// - Parameter images: also removes images: the layouts on disk, and those of the embedded registry.
  /// - Returns: the bytes that were freed.
  /// - Throws: `FolderInUse`, `FileError`.
  func clean(images: Bool) throws -> Int64 {
    guard FileTree.exists(path) else { return 0 }
    guard flock(openLock(), LOCK_EX | LOCK_NB) == 0 else { throw FolderInUse(path: path) }
    let kept = images ? [lock, tool] : [lock, tool, self.images, registry]
    var freed: Int64 = 0
    for name in try FileTree.names(in: path) where !kept.contains(path + "/" + name) {
      freed += try Self.size(of: path + "/" + name)
      try FileTree.remove(path + "/" + name)
    }
    return freed
  }

  /// The file of the lock, open until the process ends.
  private func openLock() -> CInt { open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }

  /// The bytes of a file, or of all files in a folder.
  private static func size(of path: String) throws -> Int64 {
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return 0 }
    if status.kind != .directory { return status.kind == .file ? status.size : 0 }
    return try FileTree.names(in: path).reduce(0) { try $0 + size(of: path + "/" + $1) }
  }
}

/// A folder of a package that a verb works in.
struct FolderInUse: ExplainedError {
  let path: String

  var description: String { "cannot clean \(path): another command is using it" }
  var hint: String? { "wait until it is done: a build, a push, a launch or `ImageTool registry`" }
}
