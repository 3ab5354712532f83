import CSematic

/// Why no answer, or no whole answer, came.
struct TransportFailure: Error, Sendable {
  enum Kind: Hashable, Sendable {
    case nameUnknown
    case refused
    /// The server's certificate was not accepted.
    case untrusted
    /// TLS itself failed.
    case tls
    case authorityFile
    case clientCertificate
    case stalled(seconds: Double)
    case connectTimeout
    /// The connection broke.
    case broken
    /// The other side does not speak HTTP, or not as it should.
    case protocolError
    case tooLong(Int)
    case bodyEnded
    case cancelled
    case missingLibrary
    case other
  }

  let kind: Kind
  /// libcurl's words.
  let detail: String

  init(_ kind: Kind, detail: String = "") {
    self.kind = kind
    self.detail = detail
  }

  /// - Parameter code: https://curl.se/libcurl/c/libcurl-errors.html
  init(code: CInt, detail: String) {
    let words = detail.isEmpty ? cl_curl_strerror(code).map { String(cString: $0) } ?? "error \(code)" : detail
    let kind: Kind =
      switch Int(code) {
      case CL_CURLE_COULDNT_RESOLVE_HOST, CL_CURLE_COULDNT_RESOLVE_PROXY: .nameUnknown
      case CL_CURLE_COULDNT_CONNECT: .refused
      case CL_CURLE_PEER_FAILED_VERIFICATION: .untrusted
      case CL_CURLE_SSL_CACERT_BADFILE, CL_CURLE_SSL_CERTPROBLEM: .authorityFile
      // So a server refuses who has no certificate to show, or the wrong one.
      case CL_CURLE_RECV_ERROR where words.contains("certificate"): .clientCertificate
      // A connection that was cut during the handshake comes as the same code as a server without TLS.
      case CL_CURLE_SSL_CONNECT_ERROR:
        ["reset", "SYSCALL", "unexpected eof"].contains { words.contains($0) } ? .broken : .tls
      case CL_CURLE_OPERATION_TIMEDOUT: .connectTimeout
      case CL_CURLE_PARTIAL_FILE, CL_CURLE_GOT_NOTHING, CL_CURLE_SEND_ERROR,
        CL_CURLE_RECV_ERROR, 16 /* HTTP2 */, 65 /* SEND_FAIL_REWIND */, 92 /* HTTP2_STREAM */:
        .broken
      case 1 /* UNSUPPORTED_PROTOCOL */, 8 /* WEIRD_SERVER_REPLY */, 43 /* HTTP/0.9 */, 61 /* BAD_CONTENT_ENCODING */:
        .protocolError
      default: .other
      }
    self.init(kind, detail: words)
  }

  /// Another try may succeed.
  var isTransient: Bool {
    switch kind {
    case .nameUnknown, .refused, .stalled, .connectTimeout, .broken: true
    default: false
    }
  }
}
