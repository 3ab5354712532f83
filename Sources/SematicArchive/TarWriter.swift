import SematicSystem

/// Writes a tar archive as a stream: what it is given goes to the sink at once, nothing is kept.
package final class TarWriter {
  /// Takes bytes that are only valid during the call.
  package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private let sink: Sink
  private var entry: TarEntry?
  /// How many bytes of the current entry's content are missing.
  private var remaining: Int64 = 0
  /// How many bytes were written so far.
  package private(set) var size: Int64 = 0

  package init(to sink: @escaping Sink) { self.sink = sink }

  /// How many bytes of an archive an entry takes, with its headers and padding.
  /// - Throws: `ArchiveError` for an entry that cannot be written.
  package static func size(of entry: TarEntry) throws -> Int64 {
    Int64(try TarHeader(entry).bytes.count + TarFormat.padding(after: entry.size)).addingClamped(entry.size)
  }

  /// Writes an entry's header; exactly `entry.size` bytes of content must follow.
  /// - Throws: `ArchiveError` for an entry that cannot be written, or when the entry before lacks content.
  package func begin(_ entry: TarEntry) throws {
    try end()
    let header = try TarHeader(entry)
    try header.bytes.withUnsafeBytes { try put($0) }
    self.entry = entry
    remaining = entry.size
  }

  package func write(_ content: UnsafeRawBufferPointer) throws {
    guard Int64(content.count) <= remaining else { throw mismatch("it has more content than the header says") }
    remaining -= Int64(content.count)
    try put(content)
  }

  /// An entry with all of its content.
  package func add(_ entry: TarEntry, content: [UInt8] = []) throws {
    try begin(entry)
    try content.withUnsafeBytes { try write($0) }
    try end()
  }

  /// Writes the end of the archive: two blocks of zeros. Nothing can follow.
  package func finish() throws {
    try end()
    try zeros(2 * TarFormat.blockSize)
  }

  private func end() throws {
    guard let entry else { return }
    guard remaining == 0 else { throw mismatch("\(remaining) bytes of its content are missing") }
    try zeros(TarFormat.padding(after: entry.size))
    self.entry = nil
  }

  private func zeros(_ count: Int) throws {
    guard count > 0 else { return }
    try Self.zeroBlocks.withUnsafeBytes { try put(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    try sink(bytes)
    size += Int64(bytes.count)
  }

  private func mismatch(_ reason: String) -> ArchiveError {
    ArchiveError("write '\(entry?.path ?? "content without an entry")' to the tar archive", reason: reason)
  }

  private static let zeroBlocks = [UInt8](repeating: 0, count: 2 * TarFormat.blockSize)
}
