import SematicFiles
import SematicOCI
import SematicSystem

/// Folders of installed packages, by what decides their content: requirements, target and pip.
package struct PackageStore: Sendable {
  package let folder: String
  /// What this process reads of the store.
  private let uses: FoldersInUse

  package init(_ folder: String, uses: FoldersInUse = FoldersInUse()) {
    self.folder = folder
    self.uses = uses
  }

  /// The folder that holds the packages of a requirements file, once it is installed.
  package func entry(for requirements: RequirementsFile, target: PythonTarget) throws -> String {
    let pip = PipVersion.installed()
    let key = "python 3\n\(requirements.digest)\n\(target)\n\(target.wheelPlatforms)\n\(target.path)\n\(pip)\n"
    return try folder + "/" + Digest.of(Array(key.utf8)).hex
  }

  /// The installed packages; nil if there are none yet, or if only pip can tell whether they are still right.
  package func installed(_ requirements: RequirementsFile, for target: PythonTarget) throws -> String? {
    let entry = try entry(for: requirements, target: target)
    return requirements.isSettled && uses.hold(entry) ? entry : nil
  }

  /// Has pip install the packages; once for all processes that want the same at the same time.
  /// - Parameters:
  ///   - anew: installs them although they are there.
  ///   - waiting: called where another process has been installing packages for a while.
  /// - Returns: their folder, which stays as it is as long as this process uses it.
  /// - Throws: `RequirementsError`, `FileError`, and what the host throws.
  package func install(
    _ requirements: RequirementsFile, for target: PythonTarget, on host: PipHost, anew: Bool = false,
    waiting: () -> Void = {}
  ) throws -> String {
    let entry = try entry(for: requirements, target: target)
    // Of one command, all images have the same packages.
    if uses.contains(entry) { return entry }
    try FileTree.createDirectory(folder)
    let before = try FileStatus.ifPresent(entry)?.inode
    // One lock for all entries: pip would build wheels of several in the same folder of sources.
    return try FileLock.hold(folder + "/lock", waiting: waiting) {
      // What came while this process waited is as new as what pip would install now.
      let now = try FileStatus.ifPresent(entry)?.inode
      if now != before || !anew && requirements.isSettled, uses.hold(entry) {
        markAsUsed(entry)
        return entry
      }
      return try install(requirements, for: target, on: host, as: entry)
    }
  }

  private func install(
    _ requirements: RequirementsFile, for target: PythonTarget, on host: PipHost, as entry: String
  ) throws -> String {
    Leftovers.remove(in: folder)
    removeUnused()
    let partial = folder + "/" + Leftovers.newName()
    do {
      try PipInstall(requirements, for: target, on: host).run(into: partial)
      do {
        try InstalledPackages.normalize(partial, for: target)
        try InstalledPackages.addSiteFolder(to: partial, script: host.siteScript)
      } catch let error as InstalledPackages.Incompatible {
        throw RequirementsError(
          file: requirements.name, target: target.description,
          reason: .incompatible(package: error.package, tags: error.tags))
      }
      // Where another process still reads the old ones, these serve this process alone, and are a leftover after it.
      let isInPlace = try FoldersInUse.ifUnused(entry) { try FileTree.replaceDirectory(entry, with: partial) }
      guard isInPlace else { return partial }
      _ = uses.hold(entry)
      markAsUsed(entry)
    } catch {
      try? FileTree.remove(partial)
      throw error
    }
    return entry
  }

  /// After this many seconds without use, an entry is removed: a month.
  private static let age: Int64 = 30 * 24 * 3600

  /// Notes that the entry is used now. If that fails, it is only removed earlier.
  package func markAsUsed(_ entry: String) { try? AtomicFile.write([], to: entry + ".used") }

  package func removeUnused(now: Int64 = Int64(Date().timeIntervalSince1970)) {
    let names = (try? FileTree.names(in: folder)) ?? []
    for name in names where name.utf8.count == 64 && name.allSatisfy(\.isHexDigit) {
      let entry = folder + "/" + name
      let status = (try? FileStatus.ifPresent(entry + ".used")) ?? (try? FileStatus(of: entry))
      guard let status, status.modified / 1_000_000_000 < now - Self.age else { continue }
      _ = FoldersInUse.ifUnused(entry) {
        try? FileTree.remove(entry)
        try? FileTree.remove(entry + ".used")
      }
    }
  }
}
