/// The head of a request, checked.
///
/// https://www.rfc-editor.org/rfc/rfc9112 : what two readers could understand differently is refused.
struct HTTPRequest {
  let method: String
  let target: RequestTarget
  let isVersion10: Bool
  let headers: HTTPHeaders
  let framing: Framing
  let expectsContinue: Bool

  /// Where the body ends.
  enum Framing: Equatable {
    case length(Int64)
    case chunked
  }

  var keepsAlive: Bool {
    let wishes = headers.list("connection").map { $0.lowercased() }
    return isVersion10 ? wishes.contains("keep-alive") : !wishes.contains("close")
  }

  /// Of request line and headers together.
  static let headLimit = 64 << 10
  static let lineLimit = 16 << 10
  static let headerLimit = 128

  /// Reads the head from where a request begins.
  /// - Throws: `HTTPError`, `SocketError`.
  init(from stream: SocketStream, deadline: Int64) throws {
    var line = try stream.line(limit: Self.lineLimit, deadline: deadline)
    // https://www.rfc-editor.org/rfc/rfc9112#section-2.2-6 : an empty line before a request is nothing.
    if line?.isEmpty == true { line = try stream.line(limit: Self.lineLimit, deadline: deadline) }
    guard let line else { throw HTTPError(414, "the request line has more than \(Self.lineLimit) bytes") }
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, HTTPHeaders.isToken(parts[0]), parts[1].allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw HTTPError(400, "the request line is not 'METHOD target HTTP/1.1'")
    }
    switch String(decoding: parts[2], as: UTF8.self) {
    case "HTTP/1.1": isVersion10 = false
    case "HTTP/1.0": isVersion10 = true
    default: throw HTTPError(505, "only HTTP/1.1 is spoken here")
    }
    method = String(decoding: parts[0], as: UTF8.self)
    target = try RequestTarget(String(decoding: parts[1], as: UTF8.self))
    headers = try HTTPHeaders(from: stream, limit: Self.headLimit - line.count, deadline: deadline)
    guard headers.all("host").count == 1 || isVersion10 && headers.all("host").isEmpty else {
      throw HTTPError(400, "there must be one Host header")
    }
    framing = try Self.framing(headers, isVersion10: isVersion10)
    let expectations = headers.list("expect").map { $0.lowercased() }
    guard expectations.isEmpty || expectations == ["100-continue"] else {
      throw HTTPError(417, "the only expectation that can be met is 100-continue")
    }
    expectsContinue = !expectations.isEmpty && !isVersion10 && framing != .length(0)
  }

  private static func framing(_ headers: HTTPHeaders, isVersion10: Bool) throws -> Framing {
    let lengths = headers.all("content-length")
    let codings = headers.all("transfer-encoding")
    if !codings.isEmpty {
      guard lengths.isEmpty, !isVersion10, codings.count == 1 else {
        throw HTTPError(400, "the length of the body is given in more than one way")
      }
      guard codings[0].lowercased() == "chunked" else {
        throw HTTPError(501, "the only transfer coding that is understood is chunked")
      }
      return .chunked
    }
    guard lengths.count <= 1 else { throw HTTPError(400, "there is more than one Content-Length") }
    guard let text = lengths.first else { return .length(0) }
    guard let length = decimal(text) else { throw HTTPError(400, "Content-Length is not a length") }
    return .length(length)
  }

  /// Digits only: `Int64.init` would take a sign.
  static func decimal(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text)
  }
}
