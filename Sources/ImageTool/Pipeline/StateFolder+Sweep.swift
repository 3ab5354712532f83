import SematicFiles
import SematicPython
import SematicRegistryServer
import SematicSystem

extension StateFolder {
  /// After this many seconds without use, what can be made again is removed: a month.
  static let age: Int64 = 30 * 24 * 3600
  /// The largest size of the cached blobs in bytes, where no other is set.
  static let defaultLimit: Int64 = 20_000_000_000

  private var swept: String { path + "/swept" }

  /// Whether a day has passed since the folder was swept.
  var isDue: Bool {
    guard let status = try? FileStatus.ifPresent(swept) else { return true }
    return status.modified / 1_000_000_000 < Int64(time(nil)) - 24 * 3600
  }

  /// Removes what no image of the last month has used. Only for the one process that uses the folder.
  ///
  /// What cannot be read or removed stays, and is tried again after a day.
  /// - Parameters:
  ///   - limit: the largest size of the cached blobs; those that were used longest ago go first.
  ///   - now: seconds since 1970.
  /// - Returns: the bytes that were freed.
  func sweep(limit: Int64 = defaultLimit, now: Int64 = Int64(time(nil))) -> Int64 {
    try? AtomicFile.write([], to: swept)
    let start = now - Self.age
    for folder in [blobs + "/layers", searches, listings, pythonBases] {
      for file in files(in: folder) where file.status.modified / 1_000_000_000 < start { remove(file.path) }
    }
    var freed = sweepBlobs(unusedSince: start, limit: limit)
    PackageStore(python).removeUnused(now: now)
    let builds = files(in: host)
    if !builds.isEmpty, builds.allSatisfy({ $0.status.modified / 1_000_000_000 < start }) { remove(host) }
    if FileTree.exists(registry) {
      let removed = try? RegistryServer.collectGarbage(root: registry, grace: Self.age, removesUntagged: true)
      freed += removed?.bytes ?? 0
    }
    return freed
  }

  /// A sealed file's content never changes; its attributes are written again each time that it is used.
  private func sweepBlobs(unusedSince start: Int64, limit: Int64) -> Int64 {
    var all = (files(in: blobs + "/sha256") + files(in: blobs + "/sha512")).filter { $0.status.kind == .file }
    all.sort { $0.status.changed < $1.status.changed }
    var (total, freed): (Int64, Int64) = (0, 0)
    for blob in all { total &+= blob.status.size }
    for blob in all {
      guard blob.status.changed / 1_000_000_000 < start || total > limit else { break }
      remove(blob.path)
      total -= blob.status.size
      freed += blob.status.size
    }
    return freed
  }

  private func files(in folder: String) -> [(path: String, status: FileStatus)] {
    ((try? FileTree.names(in: folder)) ?? []).compactMap { name in
      let path = folder + "/" + name
      return (try? FileStatus(of: path, followingLinks: false)).map { (path, $0) }
    }
  }

  private func remove(_ path: String) { try? FileTree.remove(path) }
}
