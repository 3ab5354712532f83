import CSematic

/// Requests by libcurl, which is loaded at run time: images that the verbs build have it.
enum CurlTransport {
  /// - Throws: `TransportFailure` where another attempt may succeed, `SematicError` where it would not, and
  ///   `CancellationError` within a second after the cancellation.
  static func send(_ request: ServerRequest, cancellation: BlockingWork.Cancellation = .init(false)) throws
    -> ServerResponse
  {
    if let missing = csematic_curl_error() { throw SematicError.missingLibrary(reason: String(cString: missing)) }
    guard let handle = csematic_curl_new() else { throw TransportFailure(reason: "libcurl is out of memory") }
    defer { csematic_curl_free(handle) }
    var lines: OpaquePointer?
    defer { csematic_curl_list_free(lines) }
    // Without these two, libcurl waits for leave to send, and names a type of its own.
    for (name, value) in [("Expect", ""), ("Content-Type", "")] + request.headers.map({ ($0.name, $0.value) }) {
      guard !value.utf8.contains(where: { $0 < 0x20 }) else {
        throw TransportFailure(reason: "the header \(name) contains a line break")
      }
      lines = csematic_curl_list_append(lines, "\(name):\(value.isEmpty ? "" : " " + value)")
    }
    let exchange = Exchange(body: request.body ?? JSONText(), cancellation: cancellation)
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    exchange.configure(handle, context)
    _ = csematic_curl_set_string(handle, Int32(CSEMATIC_CURLOPT_URL), request.address.text)
    _ = csematic_curl_set_string(handle, Int32(CSEMATIC_CURLOPT_CUSTOMREQUEST), request.method)
    _ = csematic_curl_set_pointer(handle, Int32(CSEMATIC_CURLOPT_HTTPHEADER), lines.map { UnsafeMutableRawPointer($0) })
    if request.body != nil {
      _ = csematic_curl_set_long(handle, Int32(CSEMATIC_CURLOPT_UPLOAD), 1)
      _ = csematic_curl_set_offset(handle, Int32(CSEMATIC_CURLOPT_INFILESIZE_LARGE), Int64(exchange.body.count))
    }
    if let authorities = authorities() {
      _ = csematic_curl_set_string(handle, Int32(CSEMATIC_CURLOPT_CAINFO), authorities)
    }
    let code = withExtendedLifetime(exchange) { csematic_curl_perform(handle) }
    guard code == CSEMATIC_CURLE_OK else { throw failure(code, exchange, request) }
    // libcurl is content with less.
    guard exchange.isHeadComplete else { throw TransportFailure(reason: "the answer's header is incomplete") }
    var status = 0
    _ = csematic_curl_get_long(handle, Int32(CSEMATIC_CURLINFO_RESPONSE_CODE), &status)
    return ServerResponse(status: status, headers: exchange.headers, body: exchange.answer)
  }

  private static func failure(_ code: Int32, _ exchange: Exchange, _ request: ServerRequest) -> any Error {
    let reason =
      exchange.message ?? csematic_curl_strerror(code).map { String(cString: $0) } ?? "libcurl's error \(code)"
    switch Int(code) {
    case CSEMATIC_CURLE_ABORTED_BY_CALLBACK: return CancellationError()
    case CSEMATIC_CURLE_PEER_FAILED_VERIFICATION, CSEMATIC_CURLE_SSL_CACERT_BADFILE:
      return SematicError.malformedAddress(
        request.address.text,
        reason: "its certificate is not trusted: \(reason); install CA certificates, or name them in SSL_CERT_FILE")
    default: return TransportFailure(reason: reason)
    }
  }

  /// The certificate authorities to trust: `SSL_CERT_FILE`, or else those of the system, or of the image; nil leaves the
  /// choice to libcurl, which may know a place that is not in this list.
  private static func authorities() -> String? {
    if let given = System.environment()["SSL_CERT_FILE"], !given.isEmpty { return given }
    let places = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
      "/etc/ssl/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ]
    return places.first(where: System.canRead) ?? System.pathBeside("ca-certificates.crt")
  }

  /// The body that is sent, and the answer as it arrives.
  private final class Exchange {
    let body: JSONText
    let cancellation: BlockingWork.Cancellation
    /// The piece to give next, and how much of it was given.
    private var (piece, given) = (0, 0)
    private(set) var headers: [String: String] = [:]
    private(set) var answer: [UInt8] = []
    /// CURL_ERROR_SIZE: https://curl.se/libcurl/c/CURLOPT_ERRORBUFFER.html
    private let text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 256)

    init(body: JSONText, cancellation: BlockingWork.Cancellation) {
      self.body = body
      self.cancellation = cancellation
      text.initialize(repeating: 0)
    }

    deinit { text.deallocate() }

    /// What went wrong, in libcurl's words.
    var message: String? {
      guard let start = text.baseAddress, start.pointee != 0 else { return nil }
      return String(cString: start)
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
      context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    func configure(_ handle: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer) {
      _ = csematic_curl_set_pointer(
        handle, Int32(CSEMATIC_CURLOPT_ERRORBUFFER), text.baseAddress.map { UnsafeMutableRawPointer($0) })
      _ = csematic_curl_set_long(handle, Int32(CSEMATIC_CURLOPT_NOSIGNAL), 1)
      _ = csematic_curl_set_long(handle, Int32(CSEMATIC_CURLOPT_CONNECTTIMEOUT), 30)
      _ = csematic_curl_set_long(handle, Int32(CSEMATIC_CURLOPT_LOW_SPEED_LIMIT), 1)
      _ = csematic_curl_set_long(handle, Int32(CSEMATIC_CURLOPT_LOW_SPEED_TIME), 60)
      _ = csematic_curl_set_pointer(handle, Int32(CSEMATIC_CURLOPT_READDATA), context)
      _ = csematic_curl_set_data_callback(handle, Int32(CSEMATIC_CURLOPT_READFUNCTION)) { bytes, size, count, context in
        Exchange.of(context)?.give(bytes, size * count) ?? 0
      }
      _ = csematic_curl_set_pointer(handle, Int32(CSEMATIC_CURLOPT_WRITEDATA), context)
      _ = csematic_curl_set_data_callback(handle, Int32(CSEMATIC_CURLOPT_WRITEFUNCTION)) {
        bytes, size, count, context in
        Exchange.of(context)?.take(bytes, size * count) ?? 0
      }
      _ = csematic_curl_set_pointer(handle, Int32(CSEMATIC_CURLOPT_HEADERDATA), context)
      _ = csematic_curl_set_data_callback(handle, Int32(CSEMATIC_CURLOPT_HEADERFUNCTION)) {
        bytes, size, count, context in
        Exchange.of(context)?.takeHeader(bytes, size * count) ?? 0
      }
      // libcurl asks at least once a second.
      _ = csematic_curl_set_long(handle, Int32(CSEMATIC_CURLOPT_NOPROGRESS), 0)
      _ = csematic_curl_set_pointer(handle, Int32(CSEMATIC_CURLOPT_XFERINFODATA), context)
      _ = csematic_curl_set_progress_callback(handle) { context, _, _, _, _ in
        Exchange.of(context)?.cancellation.withLock { $0 } == true ? 1 : 0
      }
    }

    func give(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      while piece < body.pieces.count, given == body.pieces[piece].count { (piece, given) = (piece + 1, 0) }
      guard piece < body.pieces.count, let bytes else { return 0 }
      let part = min(count, body.pieces[piece].count - given)
      body.pieces[piece].withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(start: bytes, count: part)
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[given..<given + part]))
      }
      given += part
      return part
    }

    func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      answer += UnsafeRawBufferPointer(start: bytes, count: count)
      return count
    }

    /// Whether the header has ended, by an empty line.
    private(set) var isHeadComplete = false
    private var headSize = 0
    private static let maximalHead = 1 << 16

    /// - Returns: another count than that of the bytes to end the transfer.
    func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      if line.hasPrefix("HTTP/") { (headers, headSize, isHeadComplete) = ([:], 0, false) }
      headSize += count
      guard headSize <= Self.maximalHead else { return 0 }
      // More lines can follow the body.
      if line == "\r\n" || line == "\n" { isHeadComplete = true }
      guard let colon = line.firstIndex(of: ":") else { return count }
      let name = line[..<colon].lowercased()
      let value = line[line.index(after: colon)...].filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" }
      headers[name] = String(value.drop { $0 == " " || $0 == "\t" })
      guard name == "content-length" else { return count }
      guard let size = headers[name].flatMap({ Int($0) }), size >= 0 else { return 0 }
      // Growing would need twice the memory for a moment; but what is promised need not come.
      answer.reserveCapacity(min(size, 1 << 28))
      return count
    }
  }
}
