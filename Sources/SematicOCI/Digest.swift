/// A name of bytes by their content: an algorithm and a hash in lower-case hexadecimal.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
package struct Digest: Hashable, Sendable {
  package enum Algorithm: String, Sendable {
    case sha256
    case sha512

    /// The length in hexadecimal digits.
    var length: Int { self == .sha256 ? 64 : 128 }
  }

  package let algorithm: Algorithm
  package let hex: String

  /// - Throws: `MalformedValue` for an unknown algorithm, a wrong length or other digits than `0-9a-f`.
  package init(_ text: String) throws {
    guard let colon = text.firstIndex(of: ":"), let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
      throw MalformedValue(kind: "digest", value: text, expected: "sha256: or sha512: followed by hexadecimal digits")
    }
    let hex = text[text.index(after: colon)...]
    guard hex.utf8.count == algorithm.length, hex.utf8.allSatisfy(Self.isDigit) else {
      throw MalformedValue(
        kind: "digest", value: text, expected: "\(algorithm.length) digits 0-9a-f after \(algorithm.rawValue):")
    }
    self.algorithm = algorithm
    self.hex = String(hex)
  }

  init(algorithm: Algorithm, bytes: some Sequence<UInt8>) {
    self.algorithm = algorithm
    var digits: [UInt8] = []
    let alphabet = Array("0123456789abcdef".utf8)
    for byte in bytes {
      digits.append(alphabet[Int(byte >> 4)])
      digits.append(alphabet[Int(byte & 15)])
    }
    self.hex = String(decoding: digits, as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}

extension Digest: CustomStringConvertible {
  package var description: String { "\(algorithm.rawValue):\(hex)" }

  /// The first twelve digits, as people know them from other tools.
  package var short: String { String(hex.prefix(12)) }
}

extension Digest: Comparable {
  package static func < (left: Digest, right: Digest) -> Bool { left.description < right.description }
}

extension Digest: Codable {
  package init(from decoder: any Decoder) throws {
    self = try Digest(decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
