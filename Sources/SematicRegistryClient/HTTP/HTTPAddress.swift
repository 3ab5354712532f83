import SematicSystem

/// An http or https URL in its parts: string prefixes must not decide who gets credentials.
struct HTTPAddress: Equatable, Sendable {
  enum Scheme: String, Sendable {
    case http
    case https

    var port: Int { self == .http ? 80 : 443 }
  }

  var scheme: Scheme
  /// The host in lower case, an IPv6 address in brackets.
  var host: String
  var port: Int
  /// The path and query.
  var target: String

  init(scheme: Scheme, host: String, port: Int, target: String) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.target = target
  }

  /// Parses an absolute http or https URL without user and password; nil for anything else.
  init?(_ text: String) {
    guard let colon = text.firstRange(of: "://"), let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased())
    else {
      return nil
    }
    self.init(scheme: scheme, afterSlashes: text[colon.upperBound...])
  }

  private init?(scheme: Scheme, afterSlashes rest: Substring) {
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    guard let target = Self.target(rest[end...]) else { return nil }
    self.init(scheme: scheme, authority: String(rest[..<end]), target: target)
  }

  /// - Parameter authority: `host` or `host:port`.
  init?(scheme: Scheme, authority: String, target: String) {
    var host = Substring(authority.lowercased())
    var port = scheme.port
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      guard let number = UInt16(host[host.index(after: colon)...]), number > 0 else { return nil }
      port = Int(number)
      host = host[..<colon]
    }
    let isAddress = host.hasPrefix("[") && host.hasSuffix("]")
    let name = isAddress ? host.dropFirst().dropLast() : host
    guard !name.isEmpty, name.utf8.allSatisfy({ Self.isHostByte($0) || isAddress && $0 == UInt8(ascii: ":") }) else {
      return nil
    }
    self.init(scheme: scheme, host: String(host), port: port, target: target)
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }

  /// A path and query as they are sent; nil for control characters.
  ///
  /// There is no fragment, and everything but visible ASCII is encoded.
  private static func target(_ text: Substring) -> String? {
    let visible = text.prefix { $0 != "#" }
    guard !visible.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = visible.hasPrefix("/") ? [] : [UInt8(ascii: "/")]
    for byte in visible.utf8 {
      if byte > 0x20 && byte < 0x7F {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The address that a `Location` in an answer from this address means.
  func resolving(_ location: String) -> HTTPAddress? {
    if location.hasPrefix("//") { return HTTPAddress(scheme: scheme, afterSlashes: location.dropFirst(2)) }
    if let colon = location.firstIndex(of: ":"), !location[..<colon].contains(where: { "/?#".contains($0) }) {
      return HTTPAddress(location)
    }
    var base = Substring(path)
    if !location.hasPrefix("/") {
      if !location.hasPrefix("?"), let slash = base.lastIndex(of: "/") { base = base[...slash] }
    } else {
      base = ""
    }
    guard let target = Self.target(base + location) else { return nil }
    return HTTPAddress(scheme: scheme, host: host, port: port, target: target)
  }

  var path: String { String(target.prefix { $0 != "?" }) }

  /// Whether credentials for `other` may be sent here, too.
  func hasSameOrigin(as other: HTTPAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  var isLoopback: Bool { LoopbackHost.contains(host) }

  func with(target: String) -> HTTPAddress { HTTPAddress(scheme: scheme, host: host, port: port, target: target) }

  /// - Parameter value: encoded here.
  func appendingQuery(_ name: String, _ value: String) -> HTTPAddress {
    let joint = !target.contains("?") ? "?" : target.hasSuffix("?") || target.hasSuffix("&") ? "" : "&"
    return with(target: "\(target)\(joint)\(name)=\(Self.encoded(value))")
  }

  /// The text as a value of a query or form: everything but RFC 3986's unreserved characters, `:` and `/` as `%XX`.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 0x2D, 0x2E, 0x5F, 0x7E, 0x3A, 0x2F: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `host`, or `host:port` where the port is not the scheme's own.
  var authority: String { port == scheme.port ? host : "\(host):\(port)" }

  var text: String { "\(scheme.rawValue)://\(authority)\(target)" }

  /// The address for messages.
  ///
  /// It lacks the query, which may hold a signature that is worth a password.
  var shown: String { "\(scheme.rawValue)://\(authority)\(path)" }
}
