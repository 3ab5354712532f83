import Dispatch
import SematicOCI
import SematicSystem

/// Compresses a stream on as many processors as are of use.
///
/// Equal bytes and an equal compressor give equal output, however they are cut into writes and wherever they are
/// compressed.
package final class CompressedWriter {
  /// Of how many bytes the sink has got the compressed form, what it is being given included.
  package private(set) var done: Int64 = 0

  private let sink: TarWriter.Sink
  private let compressor: Compressor
  private let queue = DispatchQueue(label: "compression", attributes: .concurrent)
  private let width: Int
  /// Blocks that are being compressed, the oldest first.
  private var working: [CompressionBlock] = []
  private var current: CompressionBlock
  private var free: [CompressionBlock] = []
  private var checksum: UInt32 = 0
  private var length: UInt32 = 0
  private var hasPieces = false

  /// - Parameter width: how many pieces are compressed at the same time. One more than there are processors, as some
  ///   pieces take longer, and no processor is to wait for the oldest. Reading, hashing and writing go on beside them on
  ///   the caller's thread, which cannot keep more than four busy.
  /// - Throws: `MissingLibrary` where the system does not have the library.
  package init(
    _ compressor: Compressor, width: Int = min(4, ProcessInfo.processInfo.activeProcessorCount + 1),
    to sink: @escaping TarWriter.Sink
  ) throws {
    self.sink = sink
    self.compressor = compressor
    self.width = max(1, width)
    current = CompressionBlock(try compressor.codec())
    if compressor.isBareDeflate { try GzipHeader.fixed.withUnsafeBytes { try sink($0) } }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    if compressor.isBareDeflate { checksum = Zlib.crc32(bytes, after: checksum) }
    // ISIZE is the length modulo 2^32.
    length &+= UInt32(truncatingIfNeeded: bytes.count)
    var rest = current.take(bytes)
    while current.isFull {
      try dispatch()
      rest = current.take(rest)
    }
  }

  /// Writes what is pending and the trailer. Nothing can follow.
  package func finish() throws {
    if !current.isEmpty || !hasPieces && !compressor.isBareDeflate { try dispatch() }
    while !working.isEmpty { try collect() }
    guard compressor.isBareDeflate else { return }
    try GzipHeader.lastBlock.withUnsafeBytes { try sink($0) }
    try withUnsafeBytes(of: (checksum.littleEndian, length.littleEndian)) { try sink($0) }
  }

  private func dispatch() throws {
    hasPieces = true
    current.compress(on: queue)
    working.append(current)
    if working.count > width { try collect() }
    current = try free.popLast() ?? CompressionBlock(compressor.codec())
  }

  private func collect() throws {
    let oldest = working.removeFirst()
    done += Int64(oldest.inputCount)
    try sink(oldest.wait())
    free.append(oldest)
  }
}
