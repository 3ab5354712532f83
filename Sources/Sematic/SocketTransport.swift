#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// HTTP/1.1 over a socket, one connection for each request: https://www.rfc-editor.org/rfc/rfc9112
struct SocketTransport: HTTPTransport {
  /// How long the other side may be silent.
  var silence = 60

  private static let maximalHeader = 1 << 16

  func send(_ request: HTTPRequest) throws -> HTTPResponse {
    let connection = try connect(request.address)
    defer { close(connection) }
    var bytes = Array("\(request.method) \(request.address.target) HTTP/1.1\r\n".utf8)
    var headers = [("Host", request.address.authority), ("Connection", "close")]
    if let body = request.body { headers.append(("Content-Length", String(body.count))) }
    headers += request.headers.map { ($0.name, $0.value) }
    for (name, value) in headers {
      guard !value.utf8.contains(where: { $0 < 0x20 }) else {
        throw HTTPFailure(reason: "the header \(name) has a line break")
      }
      bytes += "\(name): \(value)\r\n".utf8
    }
    bytes += "\r\n".utf8
    try write(bytes + (request.body ?? []), to: connection)
    var input = Input(connection: connection)
    var response: HTTPResponse
    repeat { response = try head(&input) } while (100..<200).contains(response.status)
    if request.method != "HEAD", response.status != 204, response.status != 304 {
      response.body = try body(&input, of: response)
    }
    return response
  }

  private func connect(_ address: WebAddress) throws -> CInt {
    var hints = addrinfo()
    #if canImport(Glibc)
      hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(address.host, String(address.port), &hints, &found)
    guard code == 0 else {
      throw HTTPFailure(reason: "the host '\(address.host)' is not found: \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(found) }
    var (next, reason) = (found, "the host has no address")
    while let candidate = next?.pointee {
      let connection = socket(candidate.ai_family, candidate.ai_socktype, candidate.ai_protocol)
      if connection >= 0 {
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        var limit = timeval()
        limit.tv_sec = silence
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
          setsockopt(connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        #if canImport(Darwin)
          var on: CInt = 1
          setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
        #endif
        if reach(connection, candidate) { return connection }
      }
      reason = System.errorText()
      if connection >= 0 { close(connection) }
      next = candidate.ai_next
    }
    throw HTTPFailure(reason: "no connection: \(reason)")
  }

  private func reach(_ connection: CInt, _ place: addrinfo) -> Bool {
    #if canImport(Darwin)
      Darwin.connect(connection, place.ai_addr, place.ai_addrlen) == 0
    #elseif canImport(Glibc)
      Glibc.connect(connection, place.ai_addr, place.ai_addrlen) == 0
    #elseif canImport(Musl)
      Musl.connect(connection, place.ai_addr, place.ai_addrlen) == 0
    #endif
  }

  private func write(_ bytes: [UInt8], to connection: CInt) throws {
    #if canImport(Darwin)
      let flags: CInt = 0
    #else
      let flags = CInt(MSG_NOSIGNAL)
    #endif
    try bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = sendPart(connection, UnsafeRawBufferPointer(rebasing: buffer[written...]), flags)
        if count < 0, errno == EINTR { continue }
        // Who refuses a request may answer before he has read it all.
        if count < 0, errno == EPIPE || errno == ECONNRESET { return }
        guard count > 0 else { throw HTTPFailure(reason: "the request could not be sent: \(System.errorText())") }
        written += count
      }
    }
  }

  private func sendPart(_ connection: CInt, _ bytes: UnsafeRawBufferPointer, _ flags: CInt) -> Int {
    #if canImport(Darwin)
      Darwin.send(connection, bytes.baseAddress, bytes.count, flags)
    #elseif canImport(Glibc)
      Glibc.send(connection, bytes.baseAddress, bytes.count, flags)
    #elseif canImport(Musl)
      Musl.send(connection, bytes.baseAddress, bytes.count, flags)
    #endif
  }

  private func head(_ input: inout Input) throws -> HTTPResponse {
    var budget = Self.maximalHeader
    let status = try input.line(&budget).split(separator: " ", maxSplits: 2)
    guard status.count >= 2, status[0].hasPrefix("HTTP/1."), let code = Int(status[1]), (100..<600).contains(code)
    else {
      throw HTTPFailure(reason: "the answer is not HTTP")
    }
    var response = HTTPResponse(status: code)
    while true {
      let line = try input.line(&budget)
      if line.isEmpty { return response }
      guard let colon = line.firstIndex(of: ":") else { throw HTTPFailure(reason: "the answer is not HTTP") }
      var value = line[line.index(after: colon)...]
      while value.first == " " || value.first == "\t" { value.removeFirst() }
      while value.last == " " || value.last == "\t" { value.removeLast() }
      response.headers[line[..<colon].lowercased()] = String(value)
    }
  }

  private func body(_ input: inout Input, of response: HTTPResponse) throws -> [UInt8] {
    if response.headers["transfer-encoding"]?.lowercased().hasSuffix("chunked") == true {
      var body: [UInt8] = []
      while true {
        var budget = Self.maximalHeader
        let size = try input.line(&budget).prefix { $0 != ";" && $0 != " " }
        guard let count = Int(size, radix: 16), count >= 0 else { throw HTTPFailure(reason: "the answer is cut off") }
        if count == 0 { return body }
        try input.take(count, into: &body)
        _ = try input.line(&budget)
      }
    }
    var body: [UInt8] = []
    guard let length = response.headers["content-length"] else {
      try input.takeAll(into: &body)
      return body
    }
    guard let count = Int(length), count >= 0 else { throw HTTPFailure(reason: "the answer has no length") }
    try input.take(count, into: &body)
    return body
  }

  /// What the connection brings, in order.
  private struct Input {
    let connection: CInt
    private var buffer: [UInt8] = []
    private var position = 0

    init(connection: CInt) { self.connection = connection }

    /// False at the end.
    private mutating func fill() throws -> Bool {
      guard position == buffer.count else { return true }
      position = 0
      var count = -1
      buffer = [UInt8](unsafeUninitializedCapacity: 1 << 16) { space, filled in
        repeat { count = recv(connection, space.baseAddress, space.count, 0) } while count < 0 && errno == EINTR
        filled = max(0, count)
      }
      guard count >= 0 else {
        let silent = errno == EAGAIN || errno == EWOULDBLOCK
        throw HTTPFailure(reason: silent ? "the server is silent" : "the connection broke: \(System.errorText())")
      }
      return count > 0
    }

    mutating func line(_ budget: inout Int) throws -> String {
      var bytes: [UInt8] = []
      while try fill() {
        let end = buffer[position...].firstIndex(of: 0x0A)
        bytes += buffer[position..<(end ?? buffer.count)]
        budget -= bytes.count + 1
        guard budget > 0 else { throw HTTPFailure(reason: "the header of the answer has no end") }
        position = end.map { $0 + 1 } ?? buffer.count
        guard end != nil else { continue }
        if bytes.last == 0x0D { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
      }
      throw HTTPFailure(reason: "the answer is cut off")
    }

    mutating func take(_ count: Int, into bytes: inout [UInt8]) throws {
      var left = count
      while left > 0 {
        guard try fill() else { throw HTTPFailure(reason: "the answer is cut off") }
        let part = buffer[position..<min(buffer.count, position + left)]
        bytes += part
        position += part.count
        left -= part.count
      }
    }

    mutating func takeAll(into bytes: inout [UInt8]) throws {
      while try fill() {
        bytes += buffer[position...]
        position = buffer.count
      }
    }
  }
}
