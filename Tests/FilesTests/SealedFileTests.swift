import Foundation
import SematicFiles
import TestSupport
import Testing

@Suite struct SealedFileTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder("sealed")
    path = folder.file("blob")
    let file = try AtomicFile(path, mode: 0o644)
    try file.write([1, 2, 3])
    try file.commit(sealed: true)
  }

  @Test func `a sealed file is known by its size, and by every name that it has`() throws {
    #expect(try SealedFile.exists(path, size: 3))
    #expect(try !SealedFile.exists(path, size: 4))
    #expect(try !SealedFile.exists(folder.file("none"), size: 3))
    #expect(try SealedFile.link(path, to: folder.file("deep/down/other")))
    #expect(try SealedFile.exists(folder.file("deep/down/other"), size: 3))
    #expect(try SealedFile.exists(path, size: 3))
  }

  @Test func `who writes to a file breaks its seal`() throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: Data([9]))
    try handle.close()
    #expect(try !SealedFile.exists(path, size: 3))
    try SealedFile.seal(path)
    #expect(try SealedFile.exists(path, size: 3))
  }

  @Test func `a file that was written without a check is not sealed, nor is a link to a sealed one`() throws {
    try AtomicFile.write([1, 2, 3], to: folder.file("plain"))
    #expect(try !SealedFile.exists(folder.file("plain"), size: 3))
    try FileTree.symbolicLink(at: folder.file("link"), to: path)
    #expect(try !SealedFile.exists(folder.file("link"), size: 3))
  }
}
