/// The head of a request, validated: whatever two servers could understand differently is refused.
///
/// https://www.rfc-editor.org/rfc/rfc9112
struct ServerRequest {
  let method: String
  let target: RequestTarget
  let isVersion10: Bool
  let headers: HeaderFields
  let framing: Framing
  let expectsContinue: Bool

  /// How the end of the body is found.
  enum Framing: Equatable {
    case length(Int64)
    case chunked
  }

  var keepsAlive: Bool {
    let wishes = headers.list("connection").map { $0.lowercased() }
    return isVersion10 ? wishes.contains("keep-alive") : !wishes.contains("close")
  }

  /// The largest head in bytes, without the request line.
  static let headLimit = 64 << 10
  static let lineLimit = 16 << 10
  static let headerLimit = 128
  /// Far more than any blob, and far from where sums overflow.
  static let bodyLimit: Int64 = 1 << 50

  /// - Throws: `InvalidRequest`.
  fileprivate init(_ line: RequestHead.Line, _ headers: HeaderFields) throws {
    (method, target, isVersion10) = (line.method, line.target, line.isVersion10)
    self.headers = headers
    guard headers.all("host").count == 1 || isVersion10 && headers.all("host").isEmpty else {
      throw InvalidRequest(.badRequest, "the request needs exactly one Host header")
    }
    framing = try Self.framing(headers, isVersion10: isVersion10)
    let expectations = headers.list("expect").map { $0.lowercased() }
    guard expectations.isEmpty || expectations == ["100-continue"] else {
      throw InvalidRequest(.expectationFailed, "the only supported expectation is 100-continue")
    }
    expectsContinue = !expectations.isEmpty && !isVersion10 && framing != .length(0)
  }

  private static func framing(_ headers: HeaderFields, isVersion10: Bool) throws -> Framing {
    let lengths = headers.all("content-length")
    let codings = headers.all("transfer-encoding")
    if !codings.isEmpty {
      guard lengths.isEmpty, !isVersion10, codings.count == 1 else {
        throw InvalidRequest(
          .badRequest, "Transfer-Encoding cannot be combined with Content-Length, HTTP/1.0 or itself")
      }
      guard codings[0].lowercased() == "chunked" else {
        throw InvalidRequest(.notImplemented, "the only supported transfer coding is chunked")
      }
      return .chunked
    }
    guard lengths.count <= 1 else { throw InvalidRequest(.badRequest, "there is more than one Content-Length") }
    guard let text = lengths.first else { return .length(0) }
    guard let length = decimal(text) else { throw InvalidRequest(.badRequest, "invalid Content-Length") }
    guard length <= bodyLimit else {
      throw InvalidRequest(.contentTooLarge, "the body is longer than \(bodyLimit) bytes")
    }
    return .length(length)
  }

  /// A number of digits only: `Int64.init` would accept a sign.
  static func decimal(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text)
  }
}

/// The head of a request that may not have been received to its end.
struct RequestHead {
  fileprivate struct Line {
    let method: String
    let target: RequestTarget
    let isVersion10: Bool

    init(_ line: [UInt8]) throws {
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 3, HeaderFields.isToken(parts[0]), parts[1].allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw InvalidRequest(.badRequest, "the request line is not 'METHOD target HTTP/1.1'")
      }
      switch String(decoding: parts[2], as: UTF8.self) {
      case "HTTP/1.1": isVersion10 = false
      case "HTTP/1.0": isVersion10 = true
      default: throw InvalidRequest(.httpVersionNotSupported, "this server supports only HTTP/1.1")
      }
      method = String(decoding: parts[0], as: UTF8.self)
      target = try RequestTarget(String(decoding: parts[1], as: UTF8.self))
    }
  }

  private var line: Line?
  private var lineSize = 0
  private var headers = HeaderFields(limit: ServerRequest.headLimit)

  /// The bytes that were read so far.
  var size: Int { lineSize + headers.size }

  /// Reads a head; continues where a pause interrupted it.
  /// - Throws: `InvalidRequest`, `ConnectionClosed`, `Pause`.
  mutating func read(from stream: SocketStream) throws -> ServerRequest {
    while line == nil {
      guard let bytes = try stream.line(limit: ServerRequest.lineLimit) else {
        throw InvalidRequest(.uriTooLong, "the request line is longer than \(ServerRequest.lineLimit) bytes")
      }
      lineSize += bytes.count + 2
      // https://www.rfc-editor.org/rfc/rfc9112#section-2.2-6 : an empty line before a request is ignored.
      if bytes.isEmpty, lineSize == 2 { continue }
      line = try Line(bytes)
    }
    try headers.read(from: stream)
    guard let line else { throw ConnectionClosed() }
    return try ServerRequest(line, headers)
  }
}
