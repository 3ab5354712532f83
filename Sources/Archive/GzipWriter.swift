import CLibraries
import OCI

/// Compresses a stream to gzip, with zlib. Equal bytes and level give equal output, however they are cut into writes.
///
/// The header (https://www.rfc-editor.org/rfc/rfc1952) is fixed: zlib's own would name the host's operating system.
package final class GzipWriter {
  package static let levels = 1...9
  package static let defaultLevel = 2

  private let stream: OpaquePointer
  private let sink: TarWriter.Sink
  private let buffer: UnsafeMutableRawBufferPointer
  private var checksum: UInt32 = 0
  private var length: UInt32 = 0

  /// - Throws: `MissingLibrary` where the system has no zlib.
  package init(level: Int = defaultLevel, to sink: @escaping TarWriter.Sink) throws {
    guard let stream = cl_deflate_new(CInt(truncatingIfNeeded: level)) else {
      throw MissingLibrary(
        reason: cl_zlib_version() == nil
          ? "zlib was not found: install it (Debian and Ubuntu: zlib1g)"
          : "zlib cannot compress at level \(level), or is out of memory")
    }
    self.stream = stream
    self.sink = sink
    buffer = .allocate(byteCount: 256 << 10, alignment: 4096)
    // Magic, deflate, no flags, no time, level not told, operating system unknown.
    try Self.header.withUnsafeBytes { try sink($0) }
  }

  deinit {
    cl_deflate_free(stream)
    buffer.deallocate()
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    checksum = cl_crc32(checksum, bytes.baseAddress, bytes.count)
    length &+= UInt32(truncatingIfNeeded: bytes.count)
    try run(bytes, finish: false)
  }

  /// Writes what is pending and the trailer. Nothing can follow.
  package func finish() throws {
    try run(UnsafeRawBufferPointer(start: nil, count: 0), finish: true)
    try withUnsafeBytes(of: (checksum.littleEndian, length.littleEndian)) { try sink($0) }
  }

  /// zlib's version, as it is part of what decides the compressed bytes.
  package static var library: String { "zlib " + (cl_zlib_version().map { String(cString: $0) } ?? "none") }

  private func run(_ bytes: UnsafeRawBufferPointer, finish: Bool) throws {
    var input = bytes.baseAddress
    var inputCount = bytes.count
    while true {
      let given = inputCount
      var room = buffer.count
      let result = cl_deflate_run(stream, input, &inputCount, buffer.baseAddress, &room, finish ? 1 : 0)
      guard result >= 0 else { throw ArchiveError("compress", reason: "zlib failed") }
      input = input.map { $0 + (given - inputCount) }
      if room < buffer.count { try sink(UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - room)])) }
      if result == 1 { return }
      // Input left, or output that filled the buffer: there is more to do.
      if !finish, inputCount == 0, room > 0 { return }
    }
  }

  private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
}
