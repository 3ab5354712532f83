import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages

@Suite struct GrowingBlobTests {
  let folder: TemporaryFolder
  let path: String
  let descriptor: Descriptor

  init() throws {
    folder = try TemporaryFolder("growing")
    path = try folder.write("file", "abcdef")
    descriptor = try Descriptor(of: Array("abcdef".utf8), mediaType: .layer)
  }

  private func read(_ blob: GrowingBlob, _ count: Int) throws -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = try bytes.withUnsafeMutableBytes { try blob.read(into: $0) }
    return String(decoding: bytes.prefix(read), as: UTF8.self)
  }

  @Test func `only what is told to be there is read, and the end comes when it is whole`() throws {
    let began = Guarded(0)
    let blob = GrowingBlob { _ in began.withLock { $0 += 1 } }
    blob.grew(path, to: 4)
    #expect(try read(blob, 3) == "abc")
    #expect(try read(blob, 3) == "d")
    blob.grew(path, to: 6)
    blob.finish(descriptor)
    // The name is not needed any more.
    try FileTree.remove(path)
    blob.abandon()
    #expect(try read(blob, 9) == "ef")
    #expect(try read(blob, 9) == "")
    #expect(blob.descriptor == descriptor)
    #expect(began.withLock { $0 } == 1)
  }

  @Test func `who waits for bytes gets them when they come`() throws {
    let blob = GrowingBlob { _ in }
    blob.grew(path, to: 0)
    let found = Guarded("")
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let text = try? self.read(blob, 9)
      found.withLock { $0 = text ?? "an error" }
      done.signal()
    }
    blob.grew(path, to: 2)
    done.wait()
    #expect(found.withLock { $0 } == "ab")
  }

  @Test func `who waits for bytes of a blob that is given up gets an error`() throws {
    let blob = GrowingBlob { _ in }
    blob.grew(path, to: 0)
    let found = Guarded<(any Error)?>(nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do { _ = try self.read(blob, 9) } catch { found.withLock { $0 = error } }
      done.signal()
    }
    blob.abandon()
    done.wait()
    #expect(found.withLock { $0 is GrowingBlob.Abandoned })
    #expect(blob.descriptor == nil && !blob.isGrowing)
  }

  /// Makes the file this large, tells so, and reads all.
  private func grow(_ blob: GrowingBlob, to size: Int64, rest: Int64?) throws {
    try #require(FileHandle(forUpdatingAtPath: path)).truncate(atOffset: UInt64(size) + 1)
    blob.grew(path, to: size, rest: rest)
    var count: Int64 = 0
    while count < size { count += Int64(try read(blob, min(1 << 20, Int(size - count))).utf8.count) }
  }

  @Test func `who has read all but the end does not wait for that`() throws {
    let blob = GrowingBlob { _ in }
    try grow(blob, to: 5 << 20, rest: 2 << 20)
    #expect(try read(blob, 3) == "")
    #expect(blob.isGrowing)
    Thread.detachNewThread { blob.finish(self.descriptor) }
    #expect(try blob.whole() == descriptor)
    let other = GrowingBlob { _ in }
    other.grew(path, to: 4)
    Thread.detachNewThread { other.abandon() }
    #expect(throws: GrowingBlob.Abandoned.self) { try other.whole() }
  }

  @Test(
    arguments: [(5 << 20, nil), (5 << 20, (2 << 20) + 1), ((5 << 20) - 1, 0), ((64 << 20) + 1, 0)] as [(Int64, Int64?)])
  func `who has read all waits where much follows, and where the beginning is small or large`(
    size: Int64, rest: Int64?
  ) throws {
    let blob = GrowingBlob { _ in }
    try grow(blob, to: size, rest: rest)
    let found = Guarded<Int?>(nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let text = try? self.read(blob, 9)
      found.withLock { $0 = text?.utf8.count }
      done.signal()
    }
    usleep(20_000)
    #expect(found.withLock { $0 } == nil)
    blob.grew(path, to: size + 1)
    done.wait()
    #expect(found.withLock { $0 } == 1)
  }

  @Test func `a file that cannot be read is not followed`() throws {
    let began = Guarded(0)
    let blob = GrowingBlob { _ in began.withLock { $0 += 1 } }
    blob.grew(folder.file("missing"), to: 1)
    #expect(throws: GrowingBlob.Abandoned.self) { try read(blob, 1) }
    #expect(began.withLock { $0 } == 0)
  }
}
