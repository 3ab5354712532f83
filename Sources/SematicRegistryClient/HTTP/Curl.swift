import CSematic
import SematicSystem

/// An easy handle of libcurl: https://curl.se/libcurl/c/libcurl-easy.html
///
/// Only this file calls libcurl. Connections and TLS sessions live as long as the handle, which has one user at a time.
final class Curl {
  /// The trusted certificate authorities; the system's where none are given.
  struct Trust {
    /// Certificates in PEM format; libcurl before 7.77 takes `file` instead.
    var bundle: [UInt8]?
    var file: String?
    var folder: String?
  }

  private let handle: UnsafeMutableRawPointer

  /// - Throws: `HTTPFailure` when there is no libcurl.
  init() throws {
    if let error = csematic_curl_error() { throw HTTPFailure(.missingLibrary, detail: String(cString: error)) }
    guard let handle = csematic_curl_new() else { throw HTTPFailure(.missingLibrary, detail: "out of memory") }
    self.handle = handle
  }

  deinit { csematic_curl_free(handle) }

  /// Forgets all settings; connections stay.
  func reset() { csematic_curl_reset(handle) }

  /// - Parameter isLarge: bodies of many megabytes are expected.
  func prepare(_ request: ClientRequest, userAgent: String, connectTimeout: Int, isLarge: Bool) {
    reset()
    set(CSEMATIC_CURLOPT_URL, request.address.text)
    set(CSEMATIC_CURLOPT_USERAGENT, userAgent)
    // Without these, libcurl reads the environment itself.
    set(CSEMATIC_CURLOPT_PROXY, "")
    set(CSEMATIC_CURLOPT_NOPROXY, "")
    // A proxy's answer to CONNECT is not the server's.
    set(CSEMATIC_CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // For servers that ignore `Expect: 100-continue`; the default is a second.
    set(CSEMATIC_CURLOPT_EXPECT_100_TIMEOUT_MS, 250)
    set(CSEMATIC_CURLOPT_PROTOCOLS, CSEMATIC_CURL_PROTOCOL_HTTP | CSEMATIC_CURL_PROTOCOL_HTTPS)
    // libcurl sends a large body four times as fast, in processor time, by HTTP/1.1, and receives it somewhat faster.
    set(CSEMATIC_CURLOPT_HTTP_VERSION, isLarge ? CSEMATIC_CURL_HTTP_VERSION_1_1 : CSEMATIC_CURL_HTTP_VERSION_2TLS)
    set(CSEMATIC_CURLOPT_FOLLOWLOCATION, 0)
    set(CSEMATIC_CURLOPT_NOSIGNAL, 1)
    set(CSEMATIC_CURLOPT_TCP_KEEPALIVE, 1)
    set(CSEMATIC_CURLOPT_CONNECTTIMEOUT, max(1, connectTimeout))
    if let limit = request.timeLimit { set(CSEMATIC_CURLOPT_TIMEOUT_MS, max(1, limit)) }
    set(CSEMATIC_CURLOPT_BUFFERSIZE, 256 << 10)
    switch request.method {
    case .get: set(CSEMATIC_CURLOPT_HTTPGET, 1)
    case .head: set(CSEMATIC_CURLOPT_NOBODY, 1)
    case .delete: set(CSEMATIC_CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    case .post, .put, .patch:
      // -1: not known.
      let size = request.body.map { $0.size ?? -1 } ?? 0
      set(CSEMATIC_CURLOPT_UPLOAD, 1)
      csematic_curl_set_offset(handle, Self.number(CSEMATIC_CURLOPT_INFILESIZE_LARGE), size)
      if request.isLarge { set(CSEMATIC_CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10) }
      set(CSEMATIC_CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  /// - Parameter trust: nil turns the check of the server's certificate off.
  func trust(_ trust: Trust?) {
    guard let trust else {
      set(CSEMATIC_CURLOPT_SSL_VERIFYPEER, 0)
      return set(CSEMATIC_CURLOPT_SSL_VERIFYHOST, 0)
    }
    set(trust, file: CSEMATIC_CURLOPT_CAINFO, folder: CSEMATIC_CURLOPT_CAPATH, bundle: CSEMATIC_CURLOPT_CAINFO_BLOB)
  }

  private func set(_ trust: Trust, file: Int, folder: Int, bundle: Int) {
    let code = trust.bundle?.withUnsafeBytes {
      csematic_curl_set_blob(handle, Self.number(bundle), $0.baseAddress, $0.count)
    }
    if code != 0, let path = trust.file { set(file, path) }
    if let path = trust.folder { set(folder, path) }
  }

  /// Sends the request through a proxy.
  /// - Parameter trust: the authorities for the certificate of the proxy itself.
  func use(_ proxy: ProxySettings.Proxy, trust: Trust) {
    set(CSEMATIC_CURLOPT_PROXY, proxy.url)
    set(
      trust, file: CSEMATIC_CURLOPT_PROXY_CAINFO, folder: CSEMATIC_CURLOPT_PROXY_CAPATH,
      bundle: CSEMATIC_CURLOPT_PROXY_CAINFO_BLOB)
  }

  /// Shows a client certificate to a server that asks for one.
  func identify(by client: CertificateFolder.Client) {
    set(CSEMATIC_CURLOPT_SSLCERT, client.certificate)
    set(CSEMATIC_CURLOPT_SSLKEY, client.key)
  }

  /// Performs the request that was prepared.
  /// - Throws: `HTTPFailure`, or what a callback of the transfer ended it with.
  func perform(_ transfer: Transfer, headers: [(name: String, value: String)]) throws {
    // The handle outlives what it points to.
    defer { reset() }
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Self.errorCapacity)
    defer { errorText.deallocate() }
    errorText.initialize(repeating: 0, count: Self.errorCapacity)
    set(CSEMATIC_CURLOPT_ERRORBUFFER, pointer: errorText)
    connect(to: transfer)
    let list = try Self.list(headers)
    defer { csematic_curl_list_free(list) }
    set(CSEMATIC_CURLOPT_HTTPHEADER, pointer: UnsafeMutableRawPointer(list))
    let code = withExtendedLifetime(transfer) { withoutPipeSignal { csematic_curl_perform(handle) } }
    if let failure = transfer.failure { throw failure }
    guard code != 0, !transfer.isComplete else { return }
    let connect = info(CSEMATIC_CURLINFO_HTTP_CONNECTCODE)
    if connect >= 300 { throw HTTPFailure(.proxy(connect)) }
    throw HTTPFailure(
      code: code, detail: String(cString: errorText), verification: info(CSEMATIC_CURLINFO_SSL_VERIFYRESULT))
  }

  // MARK: What libcurl is told

  private static let errorCapacity = 256  // CURL_ERROR_SIZE

  private static func number(_ option: Int) -> CInt { CInt(truncatingIfNeeded: option) }

  private func set(_ option: Int, _ value: Int) { csematic_curl_set_long(handle, Self.number(option), value) }

  private func set(_ option: Int, _ value: String) { csematic_curl_set_string(handle, Self.number(option), value) }

  private func set(_ option: Int, pointer: UnsafeMutableRawPointer?) {
    csematic_curl_set_pointer(handle, Self.number(option), pointer)
  }

  private func info(_ name: Int) -> Int {
    var value = 0
    return csematic_curl_get_long(handle, Self.number(name), &value) == 0 ? value : 0
  }

  private static func list(_ headers: [(name: String, value: String)]) throws -> OpaquePointer? {
    var list: OpaquePointer?
    for (name, value) in headers {
      // A line break in a value would be a header of somebody else's choice.
      guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
        csematic_curl_list_free(list)
        throw HTTPFailure(.protocolError, detail: "the value of the header \(name) has control characters")
      }
      guard let longer = csematic_curl_list_append(list, value.isEmpty ? "\(name):" : "\(name): \(value)") else {
        csematic_curl_list_free(list)
        throw HTTPFailure(.other, detail: "out of memory")
      }
      list = longer
    }
    return list
  }

  private func connect(to transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    for option in [
      CSEMATIC_CURLOPT_WRITEDATA, CSEMATIC_CURLOPT_HEADERDATA, CSEMATIC_CURLOPT_READDATA, CSEMATIC_CURLOPT_SEEKDATA,
      CSEMATIC_CURLOPT_XFERINFODATA,
    ] {
      set(option, pointer: context)
    }
    set(CSEMATIC_CURLOPT_NOPROGRESS, 0)
    csematic_curl_set_data_callback(handle, Self.number(CSEMATIC_CURLOPT_WRITEFUNCTION)) {
      bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    csematic_curl_set_data_callback(handle, Self.number(CSEMATIC_CURLOPT_HEADERFUNCTION)) {
      bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    csematic_curl_set_data_callback(handle, Self.number(CSEMATIC_CURLOPT_READFUNCTION)) { bytes, size, count, context in
      let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
      return Transfer.from(context)?.send(into: room) ?? CSEMATIC_CURL_READ_ABORT
    }
    csematic_curl_set_seek_callback(handle) { context, offset, _ in
      // CURL_SEEKFUNC_OK, CURL_SEEKFUNC_FAIL
      Transfer.from(context)?.rewind() == true && offset == 0 ? 0 : 1
    }
    csematic_curl_set_progress_callback(handle) { context, _, downloaded, _, uploaded in
      Transfer.from(context)?.mayContinue(downloaded &+ uploaded, uploaded: uploaded) == true ? 0 : 1
    }
  }
}

extension Transfer {
  fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}

extension HTTPFailure {
  /// - Parameters:
  ///   - code: https://curl.se/libcurl/c/libcurl-errors.html
  ///   - detail: libcurl's words. Only here something is decided by them: its codes tell less.
  ///   - verification: the TLS library's reason why a certificate is not trusted.
  init(code: CInt, detail: String, verification: Int = 0) {
    let kind: Kind =
      switch Int(code) {
      case CSEMATIC_CURLE_COULDNT_RESOLVE_HOST: .nameUnknown
      case CSEMATIC_CURLE_COULDNT_RESOLVE_PROXY: .proxyUnknown
      case CSEMATIC_CURLE_COULDNT_CONNECT: .refused
      case CSEMATIC_CURLE_PEER_FAILED_VERIFICATION
      where verification == 10 /* X509_V_ERR_CERT_HAS_EXPIRED */
        || verification & 1 << 10 != 0 /* GNUTLS_CERT_EXPIRED */ || detail.contains("expired"):
        .expired
      // libcurl compares the names itself.
      case CSEMATIC_CURLE_PEER_FAILED_VERIFICATION where detail.contains("subject name"): .wrongName
      case CSEMATIC_CURLE_PEER_FAILED_VERIFICATION: .untrusted
      case CSEMATIC_CURLE_SSL_CACERT_BADFILE, CSEMATIC_CURLE_SSL_CERTPROBLEM: .authorityFile
      // So a server refuses who has no certificate to show, or the wrong one.
      case CSEMATIC_CURLE_RECV_ERROR where detail.contains("certificate"): .clientCertificate
      // A connection that was cut during the handshake comes as the same code as a server without TLS.
      case CSEMATIC_CURLE_SSL_CONNECT_ERROR:
        ["reset", "SYSCALL", "unexpected eof"].contains { detail.contains($0) } ? .broken : .tls
      case CSEMATIC_CURLE_OPERATION_TIMEDOUT: .connectTimeout
      case CSEMATIC_CURLE_PARTIAL_FILE, CSEMATIC_CURLE_GOT_NOTHING, CSEMATIC_CURLE_SEND_ERROR,
        CSEMATIC_CURLE_RECV_ERROR, CSEMATIC_CURLE_HTTP2,
        CSEMATIC_CURLE_SEND_FAIL_REWIND, CSEMATIC_CURLE_HTTP2_STREAM:
        .broken
      case CSEMATIC_CURLE_UNSUPPORTED_PROTOCOL, CSEMATIC_CURLE_WEIRD_SERVER_REPLY, CSEMATIC_CURLE_BAD_FUNCTION_ARGUMENT,
        CSEMATIC_CURLE_BAD_CONTENT_ENCODING:
        .protocolError
      default: .other
      }
    // A text with a URL may hold a password or a signature.
    let isSafe = !detail.isEmpty && !detail.contains("://") && !detail.contains("@")
    self.init(
      kind, detail: isSafe ? detail : csematic_curl_strerror(code).map { String(cString: $0) } ?? "error \(code)")
  }
}
