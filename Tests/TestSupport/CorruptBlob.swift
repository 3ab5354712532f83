import Foundation

/// Ways in which bytes are not those of their descriptor.
package enum CorruptBlob: CaseIterable, Sendable {
  case truncated, longer, flipped, empty

  package func applied(to bytes: Data) -> Data {
    switch self {
    case .truncated: return bytes.dropLast()
    case .longer: return bytes + Data([0])
    case .empty: return Data()
    case .flipped:
      var flipped = bytes
      flipped[bytes.count / 2] ^= 0x10
      return flipped
    }
  }
}
