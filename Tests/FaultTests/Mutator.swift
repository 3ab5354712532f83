import TestSupport

/// Makes inputs that are nearly right: from samples, by a few changes each, the same for the same seed.
struct Mutator {
  private let samples: [[UInt8]]
  private var random: SeededRandom
  private static let numbers: [[UInt8]] =
    [
      "-1", "0", "9223372036854775807", "18446744073709551616", "1e400", "null", "{}", "[]", "\"", "\\u0000", "..", "/",
      "\n", "\r\n", " ", ":", "%", "\u{0}", "\u{FEFF}", "777777777777", "sha512:",
    ].map { Array($0.utf8) } + [
      [0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0, 0, 0, 0, 0x7F], [0xC3], [0xED, 0xA0, 0x80],
    ]

  init(_ samples: [[UInt8]], random: SeededRandom) {
    self.samples = samples
    self.random = random
  }

  private mutating func number(below limit: Int) -> Int { limit > 0 ? Int(random.next() % UInt64(limit)) : 0 }

  mutating func next() -> [UInt8] {
    var bytes = samples[number(below: samples.count)]
    for _ in 0...number(below: 4) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = number(below: bytes.count)
    let length = min(bytes.count - place, 1 + number(below: 32))
    switch number(below: 8) {
    case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(number(below: 8))
    case 1 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 2: bytes.removeSubrange(place..<(place + length))
    case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: number(below: bytes.count))
    case 4: bytes.insert(contentsOf: Self.numbers[number(below: Self.numbers.count)], at: place)
    case 5:
      let word = Self.numbers[number(below: Self.numbers.count)]
      bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
    case 6: bytes.removeLast(bytes.count - place)
    default:
      let other = samples[number(below: samples.count)]
      let start = number(below: other.count)
      bytes.replaceSubrange(place..., with: other[start...])
    }
  }
}
