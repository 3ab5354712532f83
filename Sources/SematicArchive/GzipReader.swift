import CSematic
import SematicOCI

/// Decompresses gzip as a stream, all members of it; what is not gzip goes through as it is.
package final class GzipReader {
  private let source: BufferedSource
  private var stream: OpaquePointer?
  private var state = State.unknown

  private enum State { case unknown, plain, member, between, end }

  package convenience init(_ source: ByteSource) { self.init(BufferedSource(source)) }

  init(_ source: BufferedSource) { self.source = source }

  deinit { stream.map(cl_inflate_free) }

  /// As a source, for what reads on from here.
  package var output: ByteSource { ByteSource(read(into:)) }

  /// - Throws: `ArchiveError` for corrupt or truncated data.
  package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !target.isEmpty else { return 0 }
    while true {
      switch state {
      case .unknown: try start()
      case .plain: return try source.read(into: target)
      case .member:
        let count = try inflate(into: target)
        if count > 0 { return count }
      case .between: try next()
      case .end: return 0
      }
    }
  }

  /// Whether gzip comes next.
  static func isGzip(_ source: BufferedSource) throws -> Bool { try source.peek(2).starts(with: [0x1F, 0x8B]) }

  private func start() throws {
    guard try Self.isGzip(source) else {
      state = .plain
      return
    }
    guard let stream = cl_inflate_new() else {
      throw MissingLibrary(reason: "zlib was not found: install it (Debian and Ubuntu: zlib1g)")
    }
    self.stream = stream
    state = .member
  }

  private func inflate(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let input = try source.peek(1)
    guard !input.isEmpty else { throw Self.refuse("it ends in the middle of its compressed data") }
    var inputCount = input.count
    var room = target.count
    let result = cl_inflate_run(stream, input.baseAddress, &inputCount, target.baseAddress, &room)
    guard result >= 0 else { throw Self.refuse("its compressed data is corrupt") }
    source.consume(input.count - inputCount)
    if result == 1 {
      state = .between
    } else if inputCount == input.count, room == target.count {
      throw Self.refuse("its compressed data is corrupt")
    }
    return target.count - room
  }

  /// Another member, or the end; zeros that fill up a tape's block are no data.
  private func next() throws {
    let rest = try source.peek(2)
    if rest.starts(with: [0x1F, 0x8B]) {
      guard let stream, cl_inflate_reset(stream) == 0 else { throw Self.refuse("zlib failed") }
      state = .member
    } else if rest.allSatisfy({ $0 == 0 }) {
      source.consume(rest.count)
      if rest.isEmpty { state = .end }
    } else {
      throw Self.refuse("something that is not gzip follows its compressed data")
    }
  }

  private static func refuse(_ reason: String) -> ArchiveError { ArchiveError("read the archive", reason: reason) }
}
