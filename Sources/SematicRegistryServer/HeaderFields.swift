/// The header fields of a request, in their order.
struct HeaderFields {
  private var fields: [(name: String, value: String)] = []
  private let limit: Int
  /// The bytes that were read so far.
  private(set) var size = 0

  /// - Parameter limit: in bytes.
  init(limit: Int) { self.limit = limit }

  /// Reads fields up to the empty line; continues where a pause interrupted it.
  /// - Throws: `InvalidRequest`, `ConnectionClosed`, `Pause`.
  mutating func read(from stream: SocketStream) throws {
    while true {
      guard let line = try stream.line(limit: limit - size) else {
        throw InvalidRequest(.requestHeaderFieldsTooLarge, "the headers are longer than \(limit) bytes")
      }
      if line.isEmpty { return }
      size += line.count + 2
      guard fields.count < ServerRequest.headerLimit else {
        throw InvalidRequest(
          .requestHeaderFieldsTooLarge, "the request has more than \(ServerRequest.headerLimit) headers")
      }
      // Not tokens: the blank that a folded line begins with, and a blank before the colon, which hides a header from
      // some servers.
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isToken(line[..<colon]) else {
        throw InvalidRequest(.badRequest, "a header is not 'name: value'")
      }
      let value = line[(colon + 1)...]
      guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw InvalidRequest(.badRequest, "a header contains a control character")
      }
      fields.append(
        (
          String(decoding: line[..<colon], as: UTF8.self).lowercased(),
          Self.trimmed(String(decoding: value, as: UTF8.self))
        ))
    }
  }

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// The elements of a comma-separated field.
  func list(_ name: String) -> [String] {
    all(name).flatMap { $0.split(separator: ",") }.map { Self.trimmed(String($0)) }.filter { !$0.isEmpty }
  }

  static func trimmed(_ text: String) -> String {
    var rest = Substring(text)
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return String(rest)
  }

  /// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
  static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
