/// A place on the web, as far as the library needs it: http or https, a host, and the rest as it stands.
struct WebAddress: Equatable, Sendable {
  let isSecure: Bool
  /// Without the brackets of an IPv6 address.
  let host: String
  let port: UInt16
  /// Path and query, at least `/`.
  let target: String
  let text: String

  init(_ text: String) throws {
    func malformed(_ reason: String) -> SematicError { .malformedAddress(text, reason: reason) }
    let rest: Substring
    if text.hasPrefix("http://") {
      (isSecure, rest) = (false, text.dropFirst(7))
    } else if text.hasPrefix("https://") {
      (isSecure, rest) = (true, text.dropFirst(8))
    } else {
      throw malformed("it begins with neither http:// nor https://")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw malformed("it has white space in it") }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = rest[authority.endIndex...].prefix { $0 != "#" }
    target = path.hasPrefix("/") ? String(path) : "/" + path
    guard !authority.contains("@") else { throw malformed("a password does not belong there") }
    let digits: Substring
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { throw malformed("a bracket is not closed") }
      host = String(authority[authority.index(after: authority.startIndex)..<end])
      digits = authority[authority.index(after: end)...]
    } else {
      host = String(authority.prefix { $0 != ":" })
      digits = authority.dropFirst(host.count)
    }
    guard !host.isEmpty else { throw malformed("it has no host") }
    if digits.isEmpty || digits == ":" {
      port = isSecure ? 443 : 80
    } else {
      guard digits.hasPrefix(":"), let port = UInt16(digits.dropFirst()), port > 0 else {
        throw malformed("'\(digits.dropFirst())' is not a port")
      }
      self.port = port
    }
    self.text = text
  }

  var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// Where an answer's Location leads.
  func following(_ location: String) throws -> WebAddress {
    if location.hasPrefix("http://") || location.hasPrefix("https://") { return try WebAddress(location) }
    let origin = (isSecure ? "https://" : "http://") + authority
    if location.hasPrefix("//") { return try WebAddress((isSecure ? "https:" : "http:") + location) }
    if location.hasPrefix("/") { return try WebAddress(origin + location) }
    let folder = target.prefix { $0 != "?" }
    return try WebAddress(origin + folder[...(folder.lastIndex(of: "/") ?? folder.startIndex)] + location)
  }

  func isSameHost(as other: WebAddress) -> Bool {
    isSecure == other.isSecure && host == other.host && port == other.port
  }
}

struct HTTPRequest: Sendable {
  var method: String
  var address: WebAddress
  var headers: [(name: String, value: String)] = []
  var body: [UInt8]?
}

struct HTTPResponse: Sendable {
  var status: Int
  /// By name in lower case.
  var headers: [String: String] = [:]
  var body: [UInt8] = []
}

/// Why there was no answer. It may help to ask again.
struct HTTPFailure: Error {
  let reason: String
}

/// One request and its answer, by whatever carries them.
protocol HTTPTransport: Sendable {
  func send(_ request: HTTPRequest) throws -> HTTPResponse
}

/// Plain sockets for http; libcurl, found at run time, for https.
///
/// A server in the same cluster is mostly spoken to by http, and then the image of the worker needs no library for it.
struct WebTransport: HTTPTransport {
  func send(_ request: HTTPRequest) throws -> HTTPResponse {
    request.address.isSecure ? try CurlTransport().send(request) : try SocketTransport().send(request)
  }
}
