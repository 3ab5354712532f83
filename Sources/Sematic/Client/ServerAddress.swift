/// An http or https address: scheme, host and port are checked, the rest is taken as it is.
struct ServerAddress: Equatable, Sendable {
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
      throw malformed("it must begin with http:// or https://")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw malformed("it contains white space") }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = rest[authority.endIndex...].prefix { $0 != "#" }
    target = path.hasPrefix("/") ? String(path) : "/" + path
    guard !authority.contains("@") else { throw malformed("it must not contain a user or password") }
    let digits: Substring
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else {
        throw malformed("the bracket of an IPv6 address is not closed")
      }
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

  /// Scheme, host and port.
  var origin: String { (isSecure ? "https://" : "http://") + authority }

  /// The address that an answer's Location names.
  func following(_ location: String) throws -> ServerAddress {
    if location.hasPrefix("http://") || location.hasPrefix("https://") { return try ServerAddress(location) }
    if location.hasPrefix("//") { return try ServerAddress((isSecure ? "https:" : "http:") + location) }
    if location.hasPrefix("/") { return try ServerAddress(origin + location) }
    let folder = target.prefix { $0 != "?" }
    return try ServerAddress(origin + folder[...(folder.lastIndex(of: "/") ?? folder.startIndex)] + location)
  }

  /// A text as a part of a query: https://www.rfc-editor.org/rfc/rfc3986#section-2.3
  static func encoded(_ text: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF")
    return String(
      text.utf8.flatMap { byte -> [Character] in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
          [Character(UnicodeScalar(byte))]
        default: ["%", hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
        }
      })
  }

  func isSameHost(as other: ServerAddress) -> Bool {
    isSecure == other.isSecure && host == other.host && port == other.port
  }
}
