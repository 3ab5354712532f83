import SematicSystem

extension FileTree {
  /// Puts a new folder in the place of an old one, which is removed.
  ///
  /// The two change places in one step, where the system can do that: then there is a whole folder at `path` at any
  /// time. Elsewhere there is none between two renames, and a process killed right there leaves the old one beside.
  package static func replaceDirectory(_ path: String, with new: String) throws {
    guard try FileStatus.ifPresent(path, followingLinks: false) != nil else { return try move(new, to: path) }
    // What cannot be removed is left under a name that nobody reads: the new folder is in its place all the same.
    if exchange(new, path) {
      try? remove(new)
      return
    }
    let old = parent(of: path) + "/" + Leftovers.newName()
    try move(path, to: old)
    do {
      try move(new, to: path)
    } catch {
      try move(old, to: path)
      throw error
    }
    try? remove(old)
  }

  private static func exchange(_ left: String, _ right: String) -> Bool {
    #if canImport(Darwin)
      return renamex_np(left, right, UInt32(RENAME_SWAP)) == 0
    #else
      // Glibc's module does not show renameat2, which is there since 2.28.
      typealias Rename = @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt
      guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else { return false }
      let exchange: CUnsignedInt = 2  // RENAME_EXCHANGE of linux/fs.h
      return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, left, AT_FDCWD, right, exchange) == 0
    #endif
  }
}
