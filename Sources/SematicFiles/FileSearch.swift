import CSematic
import Dispatch
import SematicSystem

/// Looks for text in the bytes of a file.
package enum FileSearch {
  /// Those of the texts that occur in the file, in their order. Empty ones occur in every file.
  ///
  /// A large file is read in several parts at the same time.
  /// - Parameter end: where to stop, in bytes from the start.
  package static func occurring(_ texts: [String], in path: String, before end: Int64 = .max) throws -> [String] {
    let findings = Findings(of: texts)
    let size = min(end, try FileStatus(of: path).size)
    // More parts than threads, so that all threads end at about the same time.
    let parts = max(1, size / (8 << 20))
    let share = size / parts
    let threads = min(4, ProcessInfo.processInfo.activeProcessorCount, Int(clamping: parts))
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while let part = findings.nextPart(of: parts) {
        let start = part * share
        do {
          // A text may begin in one part and end in the next.
          let last = part + 1 == parts ? end : min(end, (start + share).addingClamped(Int64(findings.overlap)))
          try findings.search(path, from: start, to: last)
        } catch {
          findings.fail(error)
        }
      }
    }
    return zip(texts, try findings.result()).filter(\.1).map(\.0)
  }
}

/// What several threads have found.
private final class Findings: @unchecked Sendable {  // the lock guards the variables
  private let needles: [[UInt8]]
  /// One byte less than the longest text.
  let overlap: Int
  private let lock = Lock()
  private var found: [Bool]
  private var error: (any Error)?
  private var begun: Int64 = 0

  init(of texts: [String]) {
    needles = texts.map { Array($0.utf8) }
    found = needles.map(\.isEmpty)
    overlap = max(0, (needles.map(\.count).max() ?? 0) - 1)
  }

  /// The next part that nobody has begun.
  func nextPart(of count: Int64) -> Int64? {
    lock.withLock {
      defer { begun += 1 }
      return begun < count ? begun : nil
    }
  }

  func fail(_ failure: any Error) { lock.withLock { error = error ?? failure } }

  func result() throws -> [Bool] {
    try lock.withLock {
      if let error { throw error }
      return found
    }
  }

  /// The texts to look for; none where nothing is left to be found.
  private var missing: [Int] { lock.withLock { error == nil ? found.indices.filter { !found[$0] } : [] } }

  func search(_ path: String, from start: Int64, to end: Int64) throws {
    let size = max(1 << 20, 2 * overlap)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: overlap + size, alignment: 16)
    defer { buffer.deallocate() }
    let file = try InputFile(path)
    if start > 0 { try file.seek(to: start) }
    // A text may lie across two pieces: each piece begins with the end of the one before.
    var kept = 0
    var rest = end - start
    while rest > 0, case let missing = missing, !missing.isEmpty {
      let room = kept..<kept + Int(min(Int64(size), rest))
      let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[room]))
      guard count > 0 else { break }
      rest -= Int64(count)
      let filled = kept + count
      for index in missing {
        let needle = needles[index]
        if csematic_find(buffer.baseAddress, filled, needle, needle.count) != nil {
          lock.withLock { found[index] = true }
        }
      }
      kept = min(overlap, filled)
      if let start = buffer.baseAddress { memmove(start, start + (filled - kept), kept) }
    }
  }
}
