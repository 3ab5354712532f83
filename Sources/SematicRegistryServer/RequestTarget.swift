import SematicSystem

/// The target of a request: the components of its path and its query, decoded.
struct RequestTarget {
  /// The path as it was sent.
  let rawPath: String
  /// A component with an encoded slash stays one component, which no valid name has.
  let path: [String]
  private let query: [(name: String, value: String)]

  /// - Throws: `InvalidRequest`.
  init(_ text: String) throws {
    var rest = Substring(text)
    // https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 : every server must accept the form for proxies.
    for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
      let authority = rest.dropFirst(scheme.count)
      rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
    }
    guard rest.hasPrefix("/"), !rest.contains("#") else {
      throw InvalidRequest(.badRequest, "the target is not a path")
    }
    let mark = rest.firstIndex(of: "?") ?? rest.endIndex
    rawPath = String(rest[..<mark])
    path = try rest[..<mark].dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
      try Self.decoded($0)
    }
    query = try rest[mark...].dropFirst().split(separator: "&").map { pair in
      let equals = pair.firstIndex(of: "=") ?? pair.endIndex
      return (try Self.decoded(pair[..<equals]), try Self.decoded(pair[equals...].dropFirst()))
    }
  }

  subscript(name: String) -> String? { query.first { $0.name == name }?.value }

  func all(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

  private static func decoded(_ text: Substring) throws -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else {
        throw InvalidRequest(.badRequest, "the target has % without two hexadecimal digits")
      }
      bytes.append(high << 4 | low)
    }
    guard let result = String(exactly: bytes), !bytes.contains(0) else {
      throw InvalidRequest(.badRequest, "the target is not UTF-8, or has a NUL")
    }
    return result
  }

  private static func digit(_ byte: UInt8?) -> UInt8? {
    switch byte {
    case .some(let byte) where (0x30...0x39).contains(byte): byte - 0x30
    case .some(let byte) where (0x41...0x46).contains(byte): byte - 0x41 + 10
    case .some(let byte) where (0x61...0x66).contains(byte): byte - 0x61 + 10
    default: nil
    }
  }
}
