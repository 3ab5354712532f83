/// The body of a request, piece by piece.
///
/// It outlives the calls of the request's handler, and has what one call leaves for the next.
final class RequestBody {
  private enum State: Equatable {
    /// In the body, or in a chunk.
    case content
    /// Before the size of a chunk: the first one, or one after the CRLF that ends the chunk before it.
    case chunkSize(isFirst: Bool)
    case trailers
    case end
  }

  private let stream: SocketStream
  private let socket: Socket
  private var owesContinue: Bool
  private var state: State
  /// What is left of the body or the chunk.
  private var rest: Int64
  private var trailers = HeaderFields(limit: 8 << 10)
  private var drained: Int64 = 0

  /// What Content-Length says; nil for a chunked body.
  let length: Int64?
  /// The bytes that were read so far.
  private(set) var received: Int64 = 0
  /// What `bytes` has read so far.
  private(set) var collected: [UInt8] = []
  /// The upload that the body is written to.
  var upload: UploadClaim?

  init(_ request: ServerRequest, stream: SocketStream, socket: Socket) {
    self.stream = stream
    self.socket = socket
    owesContinue = request.expectsContinue
    switch request.framing {
    case .length(let count): (length, rest, state) = (count, count, count == 0 ? .end : .content)
    case .chunked: (length, rest, state) = (nil, 0, .chunkSize(isFirst: true))
    }
  }

  /// Bytes that are valid until the next call; nil at the end.
  /// - Throws: `Pause`; `InvalidRequest`, `ConnectionClosed` when the body is cut off.
  func next() throws -> UnsafeRawBufferPointer? {
    if state == .end { return nil }
    if owesContinue {
      owesContinue = false
      let line = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
      guard try line.withUnsafeBytes({ try socket.send($0) }) == line.count else { throw ConnectionClosed() }
    }
    if case .chunkSize(let isFirst) = state {
      if !isFirst {
        // Read with the next size: the piece before it had to stay valid until now.
        guard try stream.line(limit: 2)?.isEmpty == true else {
          throw InvalidRequest(.badRequest, "a chunk is longer than its size")
        }
        state = .chunkSize(isFirst: true)
      }
      rest = try chunkSize()
      state = rest == 0 ? .trailers : .content
    }
    if state == .trailers {
      try trailers.read(from: stream)
      state = .end
      return nil
    }
    let piece = try stream.piece(limit: rest)
    rest -= Int64(piece.count)
    received += Int64(piece.count)
    if rest == 0 { state = length == nil ? .chunkSize(isFirst: false) : .end }
    return piece
  }

  /// https://www.rfc-editor.org/rfc/rfc9112#section-7.1
  private func chunkSize() throws -> Int64 {
    guard let line = try stream.line(limit: 4 << 10) else {
      throw InvalidRequest(.badRequest, "the line with a chunk's size is too long")
    }
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
    let text = String(decoding: digits, as: UTF8.self)
    guard !text.isEmpty, !text.hasPrefix("+"), !text.hasPrefix("-"), let size = Int64(text, radix: 16),
      size <= ServerRequest.bodyLimit - received
    else { throw InvalidRequest(.badRequest, "invalid chunk size") }
    return size
  }

  /// Reads a whole small body; nil when it has more than `limit` bytes.
  func bytes(limit: Int) throws -> [UInt8]? {
    if let length, length > Int64(limit) { return nil }
    while let piece = try next() {
      guard collected.count + piece.count <= limit else { return nil }
      collected.append(contentsOf: piece)
    }
    return collected
  }

  /// Reads what is left if that is little, so that the connection can be used again.
  /// - Returns: whether the body was read to its end.
  func drain(limit: Int64 = 1 << 20) throws -> Bool {
    // After the response, a client that waits for "100 Continue" may send the body or not: nobody can tell.
    if owesContinue, state != .end { return false }
    while drained < limit, let piece = try next() { drained += Int64(piece.count) }
    return state == .end
  }
}
