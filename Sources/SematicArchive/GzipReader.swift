/// Decompresses gzip as a stream, all members of it; what is not gzip goes through as it is.
///
/// https://www.rfc-editor.org/rfc/rfc1952
package final class GzipReader {
  private let source: BufferedSource
  private var state = State.unknown

  private enum State {
    case unknown
    case plain
    case member(Zlib.Inflater)
    case between(Zlib.Inflater)
    case end
  }

  package convenience init(_ source: ByteSource) { self.init(BufferedSource(source)) }

  init(_ source: BufferedSource) { self.source = source }

  /// The decompressed bytes, as a source.
  package var output: ByteSource { ByteSource(read(into:)) }

  /// - Throws: `ArchiveError` for corrupt or truncated data.
  package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !target.isEmpty else { return 0 }
    while true {
      switch state {
      case .unknown: try start()
      case .plain: return try source.read(into: target)
      case .member(let inflater):
        let count = try inflate(inflater, into: target)
        if count > 0 { return count }
      case .between(let inflater): try next(inflater)
      case .end: return 0
      }
    }
  }

  /// Whether gzip comes next.
  static func isGzip(_ source: BufferedSource) throws -> Bool { try source.peek(2).starts(with: GzipHeader.magic) }

  private func start() throws { state = try Self.isGzip(source) ? .member(Zlib.Inflater()) : .plain }

  private func inflate(_ inflater: Zlib.Inflater, into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let input = try source.peek(1)
    guard !input.isEmpty else { throw Self.refuse("it ends in the middle of its compressed data") }
    guard let step = inflater.run(input, into: target) else { throw Self.refuse("its compressed data is corrupt") }
    source.consume(step.consumed)
    if step.isEnd {
      state = .between(inflater)
    } else if step.consumed == 0, step.produced == 0 {
      throw Self.refuse("its compressed data is corrupt")
    }
    return step.produced
  }

  /// Another member, or the end; zeros that fill up a tape's block are no data.
  private func next(_ inflater: Zlib.Inflater) throws {
    let rest = try source.peek(2)
    if rest.starts(with: GzipHeader.magic) {
      guard inflater.reset() else { throw Self.refuse("zlib failed") }
      state = .member(inflater)
    } else if rest.allSatisfy({ $0 == 0 }) {
      source.consume(rest.count)
      if rest.isEmpty { state = .end }
    } else {
      throw Self.refuse("something that is not gzip follows its compressed data")
    }
  }

  private static func refuse(_ reason: String) -> ArchiveError { ArchiveError("read the archive", reason: reason) }
}
