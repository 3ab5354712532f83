import SematicSystem

/// A path by its bytes. `String` takes two spellings of an umlaut for one, a file system does not.
struct PathKey: Hashable, Comparable {
  private let bytes: [UInt8]

  init(_ path: String) { bytes = Array(path.utf8) }

  func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

  static func == (left: PathKey, right: PathKey) -> Bool { compare(left, right) == 0 }

  static func < (left: PathKey, right: PathKey) -> Bool { compare(left, right) < 0 }

  private static func compare(_ left: PathKey, _ right: PathKey) -> Int {
    left.bytes.withUnsafeBytes { first in
      right.bytes.withUnsafeBytes { second in
        guard let start = first.baseAddress, let other = second.baseAddress else { return first.count - second.count }
        let order = memcmp(start, other, min(first.count, second.count))
        return order == 0 ? first.count - second.count : Int(order)
      }
    }
  }
}
