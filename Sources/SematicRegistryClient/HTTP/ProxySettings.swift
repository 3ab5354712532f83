import SematicSystem

/// The proxies that environment variables name: https://curl.se/docs/manpage.html#ENVIRONMENT
///
/// They are read here and not by libcurl, whose messages can contain a URL with its password.
struct ProxySettings: Sendable {
  struct Proxy: Equatable, Sendable {
    /// The URL for libcurl, with user and password: never in a message.
    let url: String
    let usesTLS: Bool
  }

  private let environment: [String: String]

  init(environment: [String: String]) { self.environment = environment }

  /// The proxy for a request; nil: none.
  /// - Throws: `HTTPFailure` that names a variable, without its value.
  func proxy(for address: HTTPAddress) throws -> Proxy? {
    guard !address.isLoopback else { return nil }
    var names = address.scheme == .https ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
    // Where a web server runs this program, HTTP_PROXY is a header of its client: https://httpoxy.org
    if address.scheme == .http, environment["REQUEST_METHOD"] == nil { names.append("HTTP_PROXY") }
    names += ["all_proxy", "ALL_PROXY"]
    guard let name = names.first(where: { environment[$0] != nil }), let value = environment[name], !value.isEmpty
    else { return nil }
    let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
    guard !Self.isException(address, in: exceptions) else { return nil }
    guard let proxy = Self.parse(value) else { throw HTTPFailure(.proxyVariable(name)) }
    return proxy
  }

  /// Parses `[scheme://][user[:password]@]host[:port][/]`.
  static func parse(_ text: String) -> Proxy? {
    var rest = Substring(text)
    var scheme = "http"
    if let mark = rest.firstRange(of: "://") {
      scheme = rest[..<mark.lowerBound].lowercased()
      rest = rest[mark.upperBound...]
    }
    guard ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(scheme) else { return nil }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
    guard let authority = parts.last, parts.count <= 2, rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
      !rest.contains(where: { "/?#\\".contains($0) }),
      HTTPAddress(scheme: .http, authority: String(authority), target: "/") != nil
    else { return nil }
    return Proxy(url: "\(scheme)://\(rest)", usesTLS: scheme == "https")
  }

  // MARK: NO_PROXY

  /// Whether `NO_PROXY` has the host.
  ///
  /// An entry is a name (for it and all below it), `*.domain`, an address, a network, or `*`, and perhaps a port.
  static func isException(_ address: HTTPAddress, in list: String) -> Bool {
    list.split { $0 == "," || $0.isWhitespace }.contains { entry in
      if entry == "*" { return true }
      var entry = Substring(entry.lowercased())
      if let colon = entry.lastIndex(of: ":"), entry[..<colon].last == "]" || !entry[..<colon].contains(":") {
        guard Int(entry[entry.index(after: colon)...]) == address.port else { return false }
        entry = entry[..<colon]
      }
      let name = trimmed(entry)
      let host = trimmed(Substring(address.host))
      if let slash = name.firstIndex(of: "/"), let count = Int(name[name.index(after: slash)...]) {
        return isInNetwork(host, String(name[..<slash]), prefix: count)
      }
      if let bytes = bytes(host) { return bytes == self.bytes(name) }
      if name.hasPrefix("*.") { return host.hasSuffix(name.dropFirst()) }
      let domain = name.hasPrefix(".") ? String(name.dropFirst()) : name
      return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
    }
  }

  /// A host without brackets, and without the dot at the end.
  private static func trimmed(_ host: Substring) -> String {
    if host.hasPrefix("[") { return String(host.filter { $0 != "[" && $0 != "]" }) }
    return String(host.hasSuffix(".") ? host.dropLast() : host)
  }

  /// The bytes of an IPv4 or IPv6 address; nil for a name.
  private static func bytes(_ host: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
    var six = in6_addr()
    return inet_pton(AF_INET6, host, &six) == 1 ? withUnsafeBytes(of: six) { Array($0) } : nil
  }

  private static func isInNetwork(_ host: String, _ network: String, prefix: Int) -> Bool {
    guard let host = bytes(host), let network = bytes(network), host.count == network.count,
      (0...host.count * 8).contains(prefix)
    else { return false }
    return (0..<prefix).allSatisfy { bit in
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      return host[bit / 8] & mask == network[bit / 8] & mask
    }
  }
}
