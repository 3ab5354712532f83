import Foundation
import SematicFiles
import TestSupport
import Testing

@Suite struct FolderExchangeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("exchange") }

  @Test func `the new folder is at the place, and the old one is gone`() throws {
    try folder.write("place/old", "old")
    try folder.write("new/file", "new")
    try FileTree.replaceDirectory(folder.file("place"), with: folder.file("new"))
    #expect(try FileTree.names(in: folder.path) == ["place"])
    #expect(try FileTree.names(in: folder.file("place")) == ["file"])
    try folder.write("new/file", "newer")
    try FileTree.replaceDirectory(folder.file("other"), with: folder.file("new"))
    #expect(try FileTree.names(in: folder.path) == ["other", "place"])
  }

  @Test func `there is a whole folder at the place at any time`() throws {
    let place = folder.file("place")
    try folder.write("place/file", "0")
    let reader = FileReader(place + "/file")
    let thread = Thread { reader.run() }
    thread.start()
    reader.started.wait()
    for number in 1...300 {
      let new = folder.file("new-\(number)")
      try AtomicFile.write(Array("\(number)".utf8), to: new + "/file")
      try FileTree.replaceDirectory(place, with: new)
    }
    reader.stop()
    // Opening a file is one step, whichever of the two folders it is in; nothing else may be seen.
    #expect(reader.failures == 0)
  }

  @Test func `a new folder that is not there leaves the old one`() throws {
    try folder.write("place/old", "old")
    #expect(throws: FileError.self) {
      try FileTree.replaceDirectory(folder.file("place"), with: folder.file("none"))
    }
    #expect(try FileTree.names(in: folder.path) == ["place"])
    #expect(try FileTree.names(in: folder.file("place")) == ["old"])
  }
}

/// Looks for a file, over and over.
private final class FileReader: @unchecked Sendable {  // the lock guards the variables
  private let path: String
  private let lock = NSLock()
  private var stopping = false
  private var missing = 0
  let started = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ path: String) { self.path = path }

  var failures: Int { lock.withLock { missing } }

  func run() {
    started.signal()
    while !lock.withLock({ stopping }) {
      if !FileTree.isDirectory(FileTree.parent(of: path)) { lock.withLock { missing += 1 } }
    }
    ended.signal()
  }

  func stop() {
    lock.withLock { stopping = true }
    ended.wait()
  }
}
