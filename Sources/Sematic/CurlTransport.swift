import CSematic

/// Requests by libcurl, for https.
struct CurlTransport: HTTPTransport {
  func send(_ request: HTTPRequest) throws -> HTTPResponse {
    if let missing = cl_curl_error() {
      // Asking again would not help.
      throw SematicError.malformedAddress(
        request.address.text, reason: "https needs libcurl, and \(String(cString: missing))")
    }
    guard let handle = cl_curl_new() else { throw HTTPFailure(reason: "libcurl has no memory") }
    defer { cl_curl_free(handle) }
    var lines: OpaquePointer?
    defer { cl_curl_list_free(lines) }
    // Without these two, libcurl asks for leave to send, and names a type of its own.
    for (name, value) in [("Expect", ""), ("Content-Type", "")] + request.headers.map({ ($0.name, $0.value) }) {
      lines = cl_curl_list_append(lines, "\(name):\(value.isEmpty ? "" : " " + value)")
    }
    let exchange = Exchange(body: request.body ?? [])
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    _ = cl_curl_set_string(handle, Int32(CL_CURLOPT_URL), request.address.text)
    _ = cl_curl_set_string(handle, Int32(CL_CURLOPT_CUSTOMREQUEST), request.method)
    _ = cl_curl_set_pointer(handle, Int32(CL_CURLOPT_HTTPHEADER), lines.map { UnsafeMutableRawPointer($0) })
    _ = cl_curl_set_long(handle, Int32(CL_CURLOPT_NOSIGNAL), 1)
    _ = cl_curl_set_long(handle, Int32(CL_CURLOPT_CONNECTTIMEOUT), 30)
    _ = cl_curl_set_long(handle, Int32(CL_CURLOPT_LOW_SPEED_LIMIT), 1)
    _ = cl_curl_set_long(handle, Int32(CL_CURLOPT_LOW_SPEED_TIME), 60)
    if request.body != nil {
      _ = cl_curl_set_long(handle, Int32(CL_CURLOPT_UPLOAD), 1)
      _ = cl_curl_set_offset(handle, Int32(CL_CURLOPT_INFILESIZE_LARGE), Int64(exchange.body.count))
      _ = cl_curl_set_pointer(handle, Int32(CL_CURLOPT_READDATA), context)
      _ = cl_curl_set_data_callback(handle, Int32(CL_CURLOPT_READFUNCTION)) { bytes, size, count, context in
        context.map { Exchange.of($0).give(bytes, size * count) } ?? 0
      }
    }
    if let authorities = Self.authorities() {
      _ = cl_curl_set_string(handle, Int32(CL_CURLOPT_CAINFO), authorities)
    }
    _ = cl_curl_set_pointer(handle, Int32(CL_CURLOPT_WRITEDATA), context)
    _ = cl_curl_set_data_callback(handle, Int32(CL_CURLOPT_WRITEFUNCTION)) { bytes, size, count, context in
      context.map { Exchange.of($0).take(bytes, size * count) } ?? 0
    }
    _ = cl_curl_set_pointer(handle, Int32(CL_CURLOPT_HEADERDATA), context)
    _ = cl_curl_set_data_callback(handle, Int32(CL_CURLOPT_HEADERFUNCTION)) { bytes, size, count, context in
      context.map { Exchange.of($0).takeHeader(bytes, size * count) } ?? 0
    }
    let code = withExtendedLifetime(exchange) { cl_curl_perform(handle) }
    guard code == 0 else {
      let reason = cl_curl_strerror(code).map { String(cString: $0) } ?? "libcurl's error \(code)"
      let isTrust =
        code == Int32(CL_CURLE_PEER_FAILED_VERIFICATION) || code == Int32(CL_CURLE_SSL_CACERT_BADFILE)
      if isTrust {
        throw SematicError.malformedAddress(
          request.address.text,
          reason:
            "its certificate is not trusted here: \(reason); install CA certificates, or name them in SSL_CERT_FILE")
      }
      throw HTTPFailure(reason: reason)
    }
    var status = 0
    _ = cl_curl_get_long(handle, Int32(CL_CURLINFO_RESPONSE_CODE), &status)
    return HTTPResponse(status: status, headers: exchange.headers, body: exchange.answer)
  }

  /// A bundle of certificate authorities: `SSL_CERT_FILE`, or that of the system, or else the one that the image was built
  /// with; nil leaves it to libcurl, which may know of a place that is not in this list.
  private static func authorities() -> String? {
    if let given = System.environment()["SSL_CERT_FILE"], !given.isEmpty { return given }
    let places = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
      "/etc/ssl/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ]
    return places.first(where: System.canRead) ?? System.pathBeside("ca-certificates.crt")
  }

  /// What libcurl's callbacks give and take.
  private final class Exchange {
    let body: [UInt8]
    private var given = 0
    var headers: [String: String] = [:]
    var answer: [UInt8] = []

    init(body: [UInt8]) { self.body = body }

    static func of(_ context: UnsafeMutableRawPointer) -> Exchange {
      Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }

    func give(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      let part = min(count, body.count - given)
      body.withUnsafeBytes { source in
        if let bytes, part > 0 {
          UnsafeMutableRawBufferPointer(start: bytes, count: part)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[given..<given + part]))
        }
      }
      given += part
      return part
    }

    func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      answer += UnsafeRawBufferPointer(start: bytes, count: count)
      return count
    }

    func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      if line.hasPrefix("HTTP/") { headers = [:] }
      if let colon = line.firstIndex(of: ":") {
        let value = line[line.index(after: colon)...].filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" }
        headers[line[..<colon].lowercased()] = String(value.drop { $0 == " " || $0 == "\t" })
      }
      return count
    }
  }
}
