import SematicFiles
import SematicSystem

/// A place that bytes are read from, one after the other.
package struct ByteSource {
  /// Fills as much of the buffer as it can; 0 at the end.
  package let read: (UnsafeMutableRawBufferPointer) throws -> Int
  /// Goes to an offset from the start, where that is possible without reading; false where there is no such offset.
  let seek: ((Int64) throws -> Bool)?

  package init(_ read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
    self.read = read
    self.seek = nil
  }

  /// A file, from its start.
  package init(_ file: InputFile) {
    read = file.read(into:)
    seek = { offset in
      guard try offset <= file.status().size else { return false }
      try file.seek(to: offset)
      return true
    }
  }

  package init(_ bytes: [UInt8]) {
    var offset = 0
    self.init { buffer in
      let count = min(buffer.count, bytes.count - offset)
      buffer.copyBytes(from: bytes[offset..<(offset + count)])
      offset += count
      return count
    }
  }
}

/// A source with a buffer: small reads are cheap, and what comes next can be looked at.
final class BufferedSource {
  private let source: ByteSource
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The place of the next byte, from the start of the source.
  private(set) var offset: Int64 = 0

  init(_ source: ByteSource) {
    self.source = source
    buffer = .allocate(byteCount: 128 << 10, alignment: 4096)
  }

  deinit { buffer.deallocate() }

  /// The buffered bytes, at least `count` of them unless the source ends before.
  func peek(_ count: Int) throws -> UnsafeRawBufferPointer {
    if end - start < count {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      (start, end) = (0, end - start)
      while end < count, case let more = try fill(buffer[end...]), more > 0 { end += more }
    }
    return UnsafeRawBufferPointer(rebasing: buffer[start..<end])
  }

  /// Drops bytes that `peek` returned.
  func consume(_ count: Int) {
    start += count
    offset += Int64(count)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard start < end else {
      // Large reads go past the buffer.
      if target.count >= buffer.count {
        let count = try fill(target[...])
        offset += Int64(count)
        return count
      }
      let available = try peek(1)
      return available.isEmpty ? 0 : try read(into: target)
    }
    let count = min(target.count, end - start)
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count)]))
    consume(count)
    return count
  }

  /// - Returns: how many bytes were skipped: fewer only at the end.
  func skip(_ count: Int64) throws -> Int64 {
    let buffered = min(Int64(end - start), count)
    consume(Int(buffered))
    guard buffered < count else { return count }
    if let seek = source.seek, try seek(offset.addingClamped(count - buffered)) {
      offset += count - buffered
      return count
    }
    var skipped = buffered
    while skipped < count {
      let available = Int64(try peek(1).count)
      guard available > 0 else { break }
      let part = min(available, count - skipped)
      consume(Int(part))
      skipped += part
    }
    return skipped
  }

  private func fill(_ target: Slice<UnsafeMutableRawBufferPointer>) throws -> Int {
    let count = try source.read(UnsafeMutableRawBufferPointer(rebasing: target))
    guard (0...target.count).contains(count) else {
      throw ArchiveError("read the archive", reason: "its source gave \(count) bytes for room of \(target.count)")
    }
    return count
  }
}
