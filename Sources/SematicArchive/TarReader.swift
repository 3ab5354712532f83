import SematicFiles
import SematicSystem

/// Reads a tar archive as a stream: ustar, pax, GNU's long names, and old archives without any of them.
///
/// Every length comes from outside and is checked; a malformed archive is an error, however it is malformed.
package final class TarReader {
  package enum Compression: Sendable {
    /// gzip and zstd are recognised by their first bytes.
    case auto
    case none
  }

  /// The limit of one header's extensions, in bytes. Paths end at 4096 bytes and extended attributes at 64 KiB.
  static let extensionLimit: Int64 = 1 << 20

  private let source: BufferedSource
  /// How much of the current entry was not read yet, in bytes.
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
        let padding = TarFormat.padding(after: entry.size)
        // From here on, what is left and where the source stands can be added up without another check.
        guard source.offset.addingClamped(entry.size).addingClamped(Int64(padding)) < .max else {
          throw refuse("an entry is too large")
        }
        contentOffset = source.offset
        (remaining, self.padding) = (entry.size, padding)
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

  /// Whether a file is a tar archive, compressed or not, as far as its first entry.
  /// - Throws: `FileError`.
  package static func isArchive(_ path: String) throws -> Bool {
    do {
      return try TarReader(ByteSource(InputFile(path))).next() != nil
    } catch is ArchiveError {
      return false
    }
  }

  /// The next block that is a header; nil at the archive's end, which some writers forget to mark.
  private func header() throws -> TarBlock? {
    let offset = source.offset
    let bytes = try source.peek(TarFormat.blockSize)
    if bytes.isEmpty { return nil }
    guard bytes.count >= TarFormat.blockSize else { throw truncated }
    let block = TarBlock(UnsafeRawBufferPointer(rebasing: bytes[..<TarFormat.blockSize]), offset: offset)
    source.consume(TarFormat.blockSize)
    if block.isZero { return nil }
    try block.check()
    return block
  }

  private func content(_ length: Int64) throws -> [UInt8] {
    guard length <= Self.extensionLimit else {
      throw refuse("a header's extension has \(length) bytes, more than the \(Self.extensionLimit) that it may have")
    }
    remaining = length
    padding = TarFormat.padding(after: length)
    let bytes = try content(limit: length)
    try skipContent()
    return bytes
  }

  private func skipContent() throws {
    let hasContent = remaining > 0
    let rest = remaining + Int64(padding)
    (remaining, padding) = (0, 0)
    guard rest > 0 else { return }
    // Padding that is missing at the very end takes nothing away.
    guard try source.skip(rest) == rest || !hasContent else { throw truncated }
  }

  private var truncated: ArchiveError { refuse("it ends in the middle of an entry, at \(source.offset)") }

  private func refuse(_ reason: String) -> ArchiveError { ArchiveError("read the tar archive", reason: reason) }
}
