import SematicFiles
import SematicSystem

extension InstalledPackages {
  /// Folders of packages that no requirements have asked for this long, in seconds: a month.
  private static let age: Int64 = 30 * 24 * 3600

  /// Notes that the folder is used now. Where that fails, it only goes the earlier.
  static func markAsUsed(_ folder: String) { try? AtomicFile.write([], to: folder + ".used") }

  /// Removes those that were not used for a month from the folder that holds them by the digests of their requirements.
  static func removeUnused(in root: String, now: Int64 = Int64(Date().timeIntervalSince1970)) {
    let names = (try? FileTree.names(in: root)) ?? []
    for name in names where name.utf8.count == 64 && name.allSatisfy(\.isHexDigit) {
      let folder = root + "/" + name
      let status = (try? FileStatus.ifPresent(folder + ".used")) ?? (try? FileStatus(of: folder))
      guard let status, status.modified / 1_000_000_000 < now - age else { continue }
      try? FileTree.remove(folder)
      try? FileTree.remove(folder + ".used")
    }
  }
}
