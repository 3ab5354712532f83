import CSematic
import SematicSystem

/// Looks for text in the bytes of a file.
package enum FileSearch {
  /// Those of the texts that occur in the file, in their order. Empty ones occur in every file.
  /// - Parameter end: where to stop, in bytes from the start.
  package static func occurring(_ texts: [String], in path: String, before end: Int64 = .max) throws -> [String] {
    let needles = texts.map { Array($0.utf8) }
    var found = needles.map(\.isEmpty)
    // A text may lie across two pieces: each piece begins with the end of the one before.
    let overlap = max(0, (needles.map(\.count).max() ?? 0) - 1)
    let size = max(1 << 20, 2 * overlap)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: overlap + size, alignment: 16)
    defer { buffer.deallocate() }
    let file = try InputFile(path)
    var kept = 0
    var rest = end
    while found.contains(false), rest > 0 {
      let room = kept..<kept + Int(min(Int64(size), rest))
      let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[room]))
      guard count > 0 else { break }
      rest -= Int64(count)
      let filled = kept + count
      for (index, needle) in needles.enumerated() where !found[index] {
        found[index] = csematic_find(buffer.baseAddress, filled, needle, needle.count) != nil
      }
      kept = min(overlap, filled)
      if let start = buffer.baseAddress { memmove(start, start + (filled - kept), kept) }
    }
    return zip(texts, found).filter(\.1).map(\.0)
  }
}
