import Foundation
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct BlobPipeTests {
  private func drain(_ pipe: BlobPipe, room: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: room)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  @Test(arguments: [(1, 1, 1), (16, 7, 5), (64, 1000, 3), (1000, 3, 64)])
  func `bytes come out as they went in`(capacity: Int, piece: Int, room: Int) throws {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
    let pipe = BlobPipe(capacity: max(2, capacity))
    Thread.detachNewThread {
      for start in stride(from: 0, to: bytes.count, by: piece) {
        try? bytes[start..<min(bytes.count, start + piece)].withUnsafeBytes { try pipe.write($0) }
      }
      pipe.finish()
    }
    #expect(try drain(pipe, room: room) == bytes)
  }

  @Test func `the last byte waits for the last word`() throws {
    struct Wrong: Error {}
    let pipe = BlobPipe()
    try [1, 2, 3].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      try pipe.write(UnsafeRawBufferPointer(rebasing: bytes[..<3]))
    }
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) } == 2)
    pipe.finish(Wrong())
    #expect(throws: Wrong.self) { try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) } }
  }

  @Test func `a writer whose bytes nobody wants is told`() {
    let pipe = BlobPipe(capacity: 2)
    pipe.close()
    #expect(throws: BlobPipe.Closed.self) { try [1].withUnsafeBytes { try pipe.write($0) } }
  }
}
