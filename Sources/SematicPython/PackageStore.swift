import SematicFiles
import SematicOCI
import SematicSystem

/// Folders of installed packages, by what decides their content: requirements, target and pip.
package struct PackageStore: Sendable {
  package let folder: String

  package init(_ folder: String) { self.folder = folder }

  /// The folder that holds the packages of a requirements file, once it is installed.
  package func entry(for requirements: RequirementsFile, target: PythonTarget) throws -> String {
    let pip = PipVersion.installed()
    let key = "python 3\n\(requirements.digest)\n\(target)\n\(target.wheelPlatforms)\n\(pip)\n"
    return try folder + "/" + Digest.of(Array(key.utf8)).hex
  }

  /// The installed packages; nil if there are none yet, or if only pip can tell whether they are still right.
  package func installed(_ requirements: RequirementsFile, for target: PythonTarget) throws -> String? {
    let entry = try entry(for: requirements, target: target)
    return requirements.isSettled && FileTree.isDirectory(entry) ? entry : nil
  }

  /// Has pip install the packages.
  /// - Throws: `RequirementsError`, `FileError`, and what the host throws.
  package func install(_ requirements: RequirementsFile, for target: PythonTarget, on host: PipHost) throws -> String {
    let entry = try entry(for: requirements, target: target)
    try FileTree.createDirectory(folder)
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
      try FileTree.replaceDirectory(entry, with: partial)
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
      try? FileTree.remove(entry)
      try? FileTree.remove(entry + ".used")
    }
  }
}
