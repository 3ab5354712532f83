import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem
import TestSupport
import Testing

@testable import ImageTool

@Suite struct StateFolderSweepTests {
  let folder: TemporaryFolder
  let state: StateFolder
  let now = Int64(Date().timeIntervalSince1970)
  var later: Int64 { now + StateFolder.age + 60 }

  init() throws {
    folder = try TemporaryFolder("sweep")
    state = StateFolder(folder.file("swift-sematic"))
  }

  /// Adds a blob of 1000 bytes; the next one is later by the clock of the file system.
  private func blob(_ text: String) throws -> Descriptor {
    let bytes = Data(String(repeating: text, count: 1000).utf8)
    let descriptor = Descriptor(mediaType: .layer, digest: try Digest.of(bytes), size: Int64(bytes.count))
    try BlobCache(state.blobs).store(bytes, as: descriptor.digest)
    usleep(20_000)
    return descriptor
  }

  private func has(_ blob: Descriptor) -> Bool { FileTree.exists(BlobCache(state.blobs).path(of: blob.digest)) }

  private func write(_ path: String, age: Int64 = 0) throws {
    try AtomicFile.write("x".utf8, to: path)
    let date = Date(timeIntervalSince1970: TimeInterval(now - age))
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
  }

  @Test func `What was used longest ago goes first, where there is too much`() throws {
    let blobs = try ["a", "b", "c"].map(blob)
    #expect(try BlobCache(state.blobs).file(for: blobs[0]) != nil)
    #expect(state.sweep(limit: 3000) == 0)
    #expect(state.sweep(limit: 2000) == 1000)
    #expect(blobs.map(has) == [true, false, true])
    #expect(state.sweep(limit: 1999) == 1000)
    #expect(blobs.map(has) == [true, false, false])
  }

  @Test func `What was not used for a month is removed, and images stay`() throws {
    let blob = try blob("a")
    let old = StateFolder.age + 60
    let kept = [state.images + "/app/index.json", state.searches + "/b", state.host + "/release.yaml"]
    let removed = [state.searches + "/a", state.listings + "/a", state.blobs + "/layers/a.json"]
    for path in kept + removed { try write(path, age: removed.contains(path) || path == kept[0] ? old : 0) }
    try write(state.host + "/build.db", age: old)
    #expect(state.sweep() == 0)
    #expect(has(blob))
    #expect(kept.map(FileTree.exists) == [true, true, true])
    #expect(removed.map(FileTree.exists) == [false, false, false])

    #expect(state.sweep(now: later) == 1000)
    #expect(!has(blob))
    #expect(kept.map(FileTree.exists) == [true, false, false])
    #expect(!FileTree.exists(state.host))
  }

  @Test func `The folder is swept once a day, and never while another uses it`() throws {
    let first = try blob("a")
    let other = open(state.lock, O_RDWR | O_CREAT, 0o644)
    try #require(other >= 0 && flock(other, LOCK_SH) == 0)
    #expect(state.use(limit: 0) == 0)
    #expect(has(first))
    close(other)

    let unused = StateFolder(folder.file("unused/swift-sematic"))
    try FileTree.createDirectory(FileTree.parent(of: unused.path))
    try FileTree.move(state.path, to: unused.path)
    // The lock that `use` took is of another file now.
    try FileTree.remove(unused.lock)
    #expect(!FileTree.exists(unused.path + "/swept"))
    #expect(unused.use(limit: 0) == 1000)
    #expect(!unused.isDue)
    try write(unused.path + "/swept", age: 25 * 3600)
    #expect(unused.isDue)
  }

  @Test func `What killed commands left is removed at once where nobody else uses the folder`() throws {
    // Process numbers end at 4194304 on Linux.
    let left = [state.blobs + "/sha256", state.python, state.images].map { $0 + "/.partial-2000000000-1" }
    let own = state.blobs + "/sha256/.partial-\(getpid())-1"
    for path in left + [own] { try write(path) }
    let other = open(state.lock, O_RDWR | O_CREAT, 0o644)
    try #require(other >= 0 && flock(other, LOCK_SH) == 0)
    state.use()
    #expect(left.map(FileTree.exists) == [true, true, true])
    close(other)

    let unused = StateFolder(folder.file("unused/swift-sematic"))
    try FileTree.createDirectory(FileTree.parent(of: unused.path))
    try FileTree.move(state.path, to: unused.path)
    // The lock that `use` took is of another file now.
    try FileTree.remove(unused.lock)
    unused.use()
    #expect(try FileTree.names(in: unused.blobs + "/sha256") == [FileTree.name(of: own)])
    #expect(try FileTree.names(in: unused.python).isEmpty && FileTree.names(in: unused.images).isEmpty)
  }
}
