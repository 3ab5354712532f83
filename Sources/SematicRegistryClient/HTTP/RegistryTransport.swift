import CSematic
import SematicFiles
import SematicSystem

/// Performs HTTP requests on libcurl, and keeps its handles: with them connections and TLS sessions live on.
final class RegistryTransport: @unchecked Sendable {  // the idle handles are guarded by the lock; a handle has one user
  struct Settings: Sendable {
    /// A file of certificate authorities to trust instead of the system's.
    var authorities: String?
    /// Others, to trust in addition.
    var addedAuthorities: [String] = []
    /// What is for one host and port alone.
    var own: (host: WebAddress, certificates: Result<CertificateFolder, any Error>)?
    var stallSeconds: Double = 30
    var userAgent = "swift-sematic"
  }

  private let settings: Settings
  private let lock = Lock()
  private var idle: [UnsafeMutableRawPointer] = []

  init(_ settings: Settings) { self.settings = settings }

  deinit { for handle in idle { cl_curl_free(handle) } }

  /// Performs one request, without following a redirect.
  /// - Parameters:
  ///   - limit: of the body where it is collected, and `truncates`: see `Transfer`.
  ///   - sink: takes the body of an answer of success.
  /// - Throws: `TransportFailure`, or what the sink or the request's body threw.
  func perform(
    _ request: HTTPRequest, limit: Int = 1 << 20, truncates: Bool = false, sink: Transfer.Sink? = nil
  ) throws -> HTTPResponse {
    let handle = try takeHandle()
    defer { lock.withLock { idle.append(handle) } }
    let transfer = Transfer(
      request, limit: limit, truncates: truncates, sink: sink, stallSeconds: settings.stallSeconds)
    return try withExtendedLifetime(transfer) {
      cl_curl_reset(handle)
      // The handle outlives what it points to.
      defer { cl_curl_reset(handle) }
      configure(handle, request, isLarge: sink != nil || request.isStream)
      try configureTrust(handle, request)
      connect(handle, to: transfer)
      let code = try withHeaders(request.headers) { list -> CInt in
        cl_curl_set_pointer(handle, option(CL_CURLOPT_HTTPHEADER), UnsafeMutableRawPointer(list))
        return withoutPipeSignal { cl_curl_perform(handle) }
      }
      if let failure = transfer.failure { throw failure }
      // Of who only wants to know who answers, and what, the body may be cut.
      guard code == 0 || transfer.hasEnough || truncates && transfer.isHeadWhole else {
        throw TransportFailure(code: code, detail: String(cString: transfer.errorText))
      }
      // To libcurl the end of the connection is the end of the head, too.
      guard transfer.isHeadWhole else { throw TransportFailure(.broken, detail: "in the head of an answer") }
      try transfer.flush()
      return HTTPResponse(head: transfer.head, body: transfer.collected, address: request.address)
    }
  }

  private func takeHandle() throws -> UnsafeMutableRawPointer {
    if let handle = lock.withLock({ idle.popLast() }) { return handle }
    if let error = cl_curl_error() { throw TransportFailure(.missingLibrary, detail: String(cString: error)) }
    guard let handle = cl_curl_new() else { throw TransportFailure(.missingLibrary, detail: "out of memory") }
    return handle
  }

  private func configure(_ handle: UnsafeMutableRawPointer, _ request: HTTPRequest, isLarge: Bool) {
    func set(_ name: Int, _ value: Int) { cl_curl_set_long(handle, option(name), value) }
    cl_curl_set_string(handle, option(CL_CURLOPT_URL), request.address.text)
    cl_curl_set_string(handle, option(CL_CURLOPT_USERAGENT), settings.userAgent)
    // This machine is never behind a proxy.
    if request.address.isLoopback { cl_curl_set_string(handle, option(CL_CURLOPT_PROXY), "") }
    set(CL_CURLOPT_PROTOCOLS, CL_CURL_PROTOCOL_HTTP | CL_CURL_PROTOCOL_HTTPS)
    // libcurl sends a large body four times as fast, in processor time, by HTTP/1.1, and receives it somewhat faster.
    set(CL_CURLOPT_HTTP_VERSION, isLarge ? CL_CURL_HTTP_VERSION_1_1 : CL_CURL_HTTP_VERSION_2TLS)
    set(CL_CURLOPT_FOLLOWLOCATION, 0)
    set(CL_CURLOPT_NOSIGNAL, 1)
    set(CL_CURLOPT_TCP_KEEPALIVE, 1)
    set(CL_CURLOPT_CONNECTTIMEOUT, max(1, Int(settings.stallSeconds)))
    set(CL_CURLOPT_BUFFERSIZE, 256 << 10)
    switch request.method {
    case .get: set(CL_CURLOPT_HTTPGET, 1)
    case .head: set(CL_CURLOPT_NOBODY, 1)
    case .post, .put, .patch, .delete:
      let size: Int64
      switch request.body {
      case nil: size = 0
      case .bytes(let data): size = Int64(data.count)
      case .stream(let count, _, _): size = count
      }
      if request.method != .delete {
        set(CL_CURLOPT_UPLOAD, 1)
        cl_curl_set_offset(handle, option(CL_CURLOPT_INFILESIZE_LARGE), size)
        if size > 1 << 20 { set(CL_CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10) }
      }
      cl_curl_set_string(handle, option(CL_CURLOPT_CUSTOMREQUEST), request.method.rawValue)
    }
  }

  private func configureTrust(_ handle: UnsafeMutableRawPointer, _ request: HTTPRequest) throws {
    guard request.address.scheme == .https else { return }
    let own = try settings.own.flatMap { try $0.host.hasSameOrigin(as: request.address) ? $0.certificates.get() : nil }
    if let client = own?.client {
      cl_curl_set_string(handle, option(CL_CURLOPT_SSLCERT), client.certificate)
      cl_curl_set_string(handle, option(CL_CURLOPT_SSLKEY), client.key)
    }
    if !request.verifiesServer {
      cl_curl_set_long(handle, option(CL_CURLOPT_SSL_VERIFYPEER), 0)
      cl_curl_set_long(handle, option(CL_CURLOPT_SSL_VERIFYHOST), 0)
      return
    }
    let added = settings.addedAuthorities + (own?.authorities ?? [])
    if let last = added.last {
      let bundle: [UInt8]
      do {
        bundle = try CertificateBundle.joined(settings.authorities, added)
      } catch let error as FileError {
        throw TransportFailure(.authorityFile, detail: error.description)
      }
      let code = bundle.withUnsafeBytes { cl_curl_set_authorities(handle, $0.baseAddress, $0.count) }
      // libcurl before 7.77 takes files only.
      if code != 0 { cl_curl_set_string(handle, option(CL_CURLOPT_CAINFO), last) }
    } else if let authorities = settings.authorities {
      cl_curl_set_string(handle, option(CL_CURLOPT_CAINFO), authorities)
    }
  }

  private func withHeaders<Result>(
    _ headers: [(name: String, value: String)], _ body: (OpaquePointer?) throws -> Result
  ) throws -> Result {
    var list: OpaquePointer?
    defer { if let list { cl_curl_list_free(list) } }
    for (name, value) in headers {
      // A line break in a value would be a header of somebody else's choice.
      guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
        throw TransportFailure(.protocolError, detail: "the value of the header \(name) has control characters")
      }
      guard let longer = cl_curl_list_append(list, "\(name): \(value)") else {
        throw TransportFailure(.other, detail: "out of memory")
      }
      list = longer
    }
    return try body(list)
  }

  private func connect(_ handle: UnsafeMutableRawPointer, to transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    cl_curl_set_pointer(handle, option(CL_CURLOPT_ERRORBUFFER), transfer.errorText)
    for name in [CL_CURLOPT_WRITEDATA, CL_CURLOPT_HEADERDATA, CL_CURLOPT_READDATA, CL_CURLOPT_SEEKDATA] {
      cl_curl_set_pointer(handle, option(name), context)
    }
    cl_curl_set_pointer(handle, option(CL_CURLOPT_XFERINFODATA), context)
    cl_curl_set_long(handle, option(CL_CURLOPT_NOPROGRESS), 0)
    cl_curl_set_data_callback(handle, option(CL_CURLOPT_WRITEFUNCTION)) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    cl_curl_set_data_callback(handle, option(CL_CURLOPT_HEADERFUNCTION)) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    cl_curl_set_data_callback(handle, option(CL_CURLOPT_READFUNCTION)) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return CL_CURL_READ_ABORT }
      return transfer.send(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    cl_curl_set_seek_callback(handle) { context, offset, _ in
      guard let transfer = Transfer.from(context), offset == 0 else { return 2 }
      return transfer.rewind()
    }
    cl_curl_set_progress_callback(handle) { context, _, downloaded, _, uploaded in
      Transfer.from(context)?.check(downloaded &+ uploaded, uploaded: uploaded) ?? 1
    }
  }

  private func option(_ name: Int) -> CInt { CInt(truncatingIfNeeded: name) }
}

extension Transfer {
  fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
