import SematicSystem

/// Half-written files of killed processes, under names that nobody reads: `.partial-PROCESS-RANDOM`.
package enum Leftovers {
  package static func newName() -> String { ".partial-\(getpid())-\(UInt64.random(in: 0...UInt64.max))" }

  /// Removes those in a folder whose process is gone. One that was touched within the hour stays: its process may live
  /// where its number means nothing here, in another container.
  /// - Parameter isAlone: no other process uses the folder, in no container: nothing has to stay for an hour.
  package static func remove(in folder: String, isAlone: Bool = false) {
    let names = (try? FileTree.names(in: folder)) ?? []
    for name in names where name.hasPrefix(".partial-") {
      let path = folder + "/" + name
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, let process = pid_t(parts[1]), process > 0, UInt64(parts[2]) != nil,
        kill(process, 0) != 0, errno == ESRCH,
        let status = try? FileStatus(of: path, followingLinks: false),
        isAlone || status.modified / 1_000_000_000 < Int64(time(nil)) - 3600
      else { continue }
      try? FileTree.remove(path)
    }
  }
}
