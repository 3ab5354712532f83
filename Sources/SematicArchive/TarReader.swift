/// Reads a tar archive as a stream: ustar, pax, GNU's long names, and old archives without any of them.
///
/// Every length comes from outside and is checked; a malformed archive is an error, however it is malformed.
package final class TarReader {
  package enum Compression: Sendable {
    /// gzip and zstd are recognised by their first bytes.
    case auto
    case none
  }

  /// Of one header's extensions. Paths end at 4096 bytes and extended attributes at 64 KiB.
  static let extensionLimit: Int64 = 1 << 20

  private let source: BufferedSource
  /// Of the current entry, not yet read.
  private var remaining: Int64 = 0
  private var padding = 0
  private var isAtEnd = false
  /// Where the current entry's content starts in the uncompressed archive.
  package private(set) var contentOffset: Int64 = 0

  /// - Throws: `MissingLibrary` for a compression that this machine cannot read, `ArchiveError`.
  package init(_ source: ByteSource, compression: Compression = .auto) throws {
    let buffered = BufferedSource(source)
    if compression == .auto, try GzipReader.isGzip(buffered) {
      self.source = BufferedSource(GzipReader(buffered).output)
    } else if compression == .auto, try ZstdReader.isZstd(buffered) {
      self.source = BufferedSource(try ZstdReader(buffered).output)
    } else {
      self.source = buffered
    }
  }

  /// Skips what is left of the current entry and reads the next one's header; nil at the end of the archive.
  /// - Throws: `ArchiveError`.
  package func next() throws -> TarEntry? {
    guard !isAtEnd else { return nil }
    try skipContent()
    var extensions = TarExtensions()
    while true {
      guard let header = try header() else {
        if extensions.isPresent { throw refuse("it ends after a header's extension") }
        isAtEnd = true
        return nil
      }
      if let length = try header.extensionLength {
        // One of each kind is sensible; more is an attempt to keep us busy.
        guard extensions.count < 8 else { throw refuse("an entry has too many extensions") }
        try extensions.add(try content(length), flag: header.flag, at: source.offset)
      } else {
        let entry = try extensions.applied(to: try header.entry(), at: source.offset)
        let padding = TarHeader.padding(after: entry.size)
        // With its padding: then no sum of what follows can overflow.
        let size = entry.size.addingReportingOverflow(Int64(padding))
        guard !size.overflow, !source.offset.addingReportingOverflow(size.partialValue).overflow else {
          throw refuse("an entry is too large")
        }
        contentOffset = source.offset
        remaining = entry.size
        self.padding = padding
        return entry
      }
    }
  }

  /// The current entry's content: fills as much of the buffer as it can; 0 at its end.
  package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let room = Int(min(Int64(target.count), remaining))
    guard room > 0 else { return 0 }
    let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: target[..<room]))
    guard count > 0 else { throw truncated }
    remaining -= Int64(count)
    return count
  }

  /// The current entry's content as a whole. For small ones.
  package func content(limit: Int64) throws -> [UInt8] {
    guard remaining <= limit else {
      throw refuse("an entry has \(remaining) bytes, more than the \(limit) that it may have")
    }
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while case let count = try read(into: buffer), count > 0 { bytes.append(contentsOf: buffer[..<count]) }
    return bytes
  }

  /// Hands every entry on, with the reader to read its content from; what `body` does not read is skipped.
  package static func forEachEntry(
    in source: ByteSource, compression: Compression = .auto, _ body: (TarEntry, TarReader) throws -> Void
  ) throws {
    let reader = try TarReader(source, compression: compression)
    while let entry = try reader.next() { try body(entry, reader) }
  }

  /// The next block that is a header; nil at the archive's end, which some writers forget to mark.
  private func header() throws -> TarBlock? {
    let offset = source.offset
    let bytes = try source.peek(TarHeader.blockSize)
    if bytes.isEmpty { return nil }
    guard bytes.count >= TarHeader.blockSize else { throw truncated }
    let block = TarBlock(UnsafeRawBufferPointer(rebasing: bytes[..<TarHeader.blockSize]), offset: offset)
    source.consume(TarHeader.blockSize)
    if block.isZero { return nil }
    try block.check()
    return block
  }

  private func content(_ length: Int64) throws -> [UInt8] {
    guard length <= Self.extensionLimit else {
      throw refuse("a header's extension has \(length) bytes, more than the \(Self.extensionLimit) that it may have")
    }
    remaining = length
    padding = TarHeader.padding(after: length)
    let bytes = try content(limit: length)
    try skipContent()
    return bytes
  }

  private func skipContent() throws {
    let rest = remaining + Int64(padding)
    guard rest > 0 else { return }
    let hasContent = remaining > 0
    (remaining, padding) = (0, 0)
    // Padding that is missing at the very end takes nothing away.
    guard try source.skip(rest) == rest || !hasContent else { throw truncated }
  }

  private var truncated: ArchiveError { refuse("it ends in the middle of an entry, at \(source.offset)") }

  private func refuse(_ reason: String) -> ArchiveError { ArchiveError("read the tar archive", reason: reason) }
}
