import CLibraries
import Foundation
import OCI

/// Compresses a stream to gzip, with zlib, on as many processors as are of use.
///
/// Equal bytes and level give equal output, however they are cut into writes and wherever they are compressed. The header
/// (https://www.rfc-editor.org/rfc/rfc1952) is fixed: zlib's own would name the host's operating system.
package final class GzipWriter {
  package static let levels = 1...9
  /// CPU seconds and MB of a whole layer of 99.5 MB (a Swift executable and 200 text files), zlib 1.2.13: level 1 0.93
  /// and 28.6, level 2 0.95 and 28.0, level 3 1.18 and 27.6, level 4 1.30 and 26.6, level 6 2.7 and 25.8. Above 2, a
  /// second of processor time saves less than a network of 50 Mbit/s moves in it; zlib-ng's level 1 compresses little.
  package static let defaultLevel = 2

  private let sink: TarWriter.Sink
  private let level: Int
  private let queue = DispatchQueue(label: "compression", attributes: .concurrent)
  private let width: Int
  /// At work, the oldest first.
  private var working: [DeflateBlock] = []
  private var current: DeflateBlock
  private var free: [DeflateBlock] = []
  private var checksum: UInt32 = 0
  private var length: UInt32 = 0

  /// - Parameter width: how many pieces are compressed at the same time. Reading, hashing and writing go on beside
  ///   them on the caller's thread, which cannot keep more than four busy.
  /// - Throws: `MissingLibrary` where the system has no zlib.
  package init(
    level: Int = defaultLevel, width: Int = min(4, ProcessInfo.processInfo.activeProcessorCount),
    to sink: @escaping TarWriter.Sink
  ) throws {
    self.sink = sink
    self.level = level
    self.width = max(1, width)
    current = try Self.block(level)
    // Magic, deflate, no flags, no time, level not told, operating system unknown.
    try Self.header.withUnsafeBytes { try sink($0) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    checksum = cl_crc32(checksum, bytes.baseAddress, bytes.count)
    length &+= UInt32(truncatingIfNeeded: bytes.count)
    var rest = current.take(bytes)
    while current.isFull {
      try dispatch()
      rest = current.take(rest)
    }
  }

  /// Writes what is pending and the trailer. Nothing can follow.
  package func finish() throws {
    if !current.isEmpty { try dispatch() }
    while !working.isEmpty { try collect() }
    try Self.end.withUnsafeBytes { try sink($0) }
    try withUnsafeBytes(of: (checksum.littleEndian, length.littleEndian)) { try sink($0) }
  }

  /// What decides the compressed bytes, besides the level.
  package static var library: String {
    "blocks 1, zlib " + (cl_zlib_version().map { String(cString: $0) } ?? "none")
  }

  private func dispatch() throws {
    current.compress(on: queue)
    working.append(current)
    if working.count > width { try collect() }
    current = try free.popLast() ?? Self.block(level)
  }

  private func collect() throws {
    let oldest = working.removeFirst()
    try sink(oldest.wait())
    free.append(oldest)
  }

  private static func block(_ level: Int) throws -> DeflateBlock {
    if let block = DeflateBlock(level: level) { return block }
    throw MissingLibrary(
      reason: cl_zlib_version() == nil
        ? "zlib was not found: install it (Debian and Ubuntu: zlib1g)"
        : "zlib cannot compress at level \(level), or is out of memory")
  }

  private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  /// A last block without content.
  private static let end: [UInt8] = [3, 0]
}
