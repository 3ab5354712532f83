/// The body of a request, piece by piece, however its length is given.
final class RequestBody {
  private let stream: SocketStream
  private let socket: Socket
  private var owesContinue: Bool
  /// Of a chunked body: of the chunk that is being read.
  private var rest: Int64
  private let isChunked: Bool
  /// The CRLF after a chunk is read with the next one's size: the piece before it must stay valid until then.
  private var hasOpenChunk = false
  private(set) var isFinished: Bool

  /// What Content-Length says; nil for a chunked body.
  let length: Int64?

  init(_ request: ServerRequest, stream: SocketStream, socket: Socket) {
    self.stream = stream
    self.socket = socket
    owesContinue = request.expectsContinue
    switch request.framing {
    case .length(let count):
      (length, rest, isChunked, isFinished) = (count, count, false, count == 0)
    case .chunked:
      (length, rest, isChunked, isFinished) = (nil, 0, true, false)
    }
  }

  /// Bytes that are valid until the next call; nil at the end.
  /// - Throws: `InvalidRequest`, `SocketError`: then the body is cut off.
  func next() throws -> UnsafeRawBufferPointer? {
    if isFinished { return nil }
    if owesContinue {
      owesContinue = false
      try Array("HTTP/1.1 100 Continue\r\n\r\n".utf8).withUnsafeBytes { try socket.send($0) }
    }
    if isChunked && rest == 0 {
      rest = try nextChunkSize()
      if rest == 0 {
        _ = try HeaderFields(from: stream, limit: 8 << 10, deadline: nil)
        isFinished = true
        return nil
      }
    }
    let piece = try stream.piece(limit: rest)
    rest -= Int64(piece.count)
    if rest == 0 {
      if isChunked { hasOpenChunk = true } else { isFinished = true }
    }
    return piece
  }

  private func nextChunkSize() throws -> Int64 {
    if hasOpenChunk {
      guard try stream.line(limit: 2)?.isEmpty == true else {
        throw InvalidRequest(.badRequest, "a chunk is longer than its size")
      }
      hasOpenChunk = false
    }
    guard let line = try stream.line(limit: 4 << 10) else {
      throw InvalidRequest(.badRequest, "a chunk's size line is too long")
    }
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
    let text = String(decoding: digits, as: UTF8.self)
    guard (1...15).contains(digits.count), !text.hasPrefix("+"), !text.hasPrefix("-"), let size = Int64(text, radix: 16)
    else { throw InvalidRequest(.badRequest, "a chunk's size is not a hexadecimal number") }
    return size
  }

  /// Reads a whole small body; nil when it has more than `limit` bytes.
  func bytes(limit: Int) throws -> [UInt8]? {
    if let length, length > Int64(limit) { return nil }
    var bytes: [UInt8] = []
    while let piece = try next() {
      guard bytes.count + piece.count <= limit else { return nil }
      bytes.append(contentsOf: piece)
    }
    return bytes
  }

  /// Reads and forgets what is left if that is little, so that the connection can be used again.
  /// - Returns: whether the body is read to its end.
  func drain(limit: Int64 = 1 << 20) throws -> Bool {
    // A client that waits for "100 Continue" may or may not send the body once it has the answer: nobody can tell.
    if isFinished { return true }
    if owesContinue { return false }
    var left = limit
    while left > 0, let piece = try next() { left -= Int64(piece.count) }
    return isFinished
  }
}
