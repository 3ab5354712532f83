import SematicFiles
import TestSupport

/// Makes inputs that are nearly right: from samples, by a few changes each, the same for the same seed.
struct Mutator {
  private let samples: [[UInt8]]
  private var random: SeededRandom
  private let words: [[UInt8]]

  init(_ samples: [[UInt8]], random: SeededRandom) throws {
    self.samples = samples
    self.random = random
    words = try Self.dictionary()
  }

  /// The words of Tests/Fixtures/fuzz.dict.
  static func dictionary() throws -> [[UInt8]] {
    let file = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/Fixtures/fuzz.dict"
    let lines = try FileTree.read(file).split(separator: UInt8(ascii: "\n"))
    return lines.filter { $0.first == UInt8(ascii: "\"") }.map { line in
      var (word, rest) = ([UInt8](), line.dropFirst().dropLast())
      while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
          word.append(byte)
          continue
        }
        let code = String(decoding: rest.prefix(2), as: UTF8.self)
        guard escaped == UInt8(ascii: "x"), let value = UInt8(code, radix: 16) else {
          word.append(escaped)
          continue
        }
        word.append(value)
        rest = rest.dropFirst(2)
      }
      return word
    }
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
    switch number(below: 9) {
    case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(number(below: 8))
    case 1 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 2: bytes.removeSubrange(place..<(place + length))
    case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: number(below: bytes.count))
    case 4: bytes.insert(contentsOf: words[number(below: words.count)], at: place)
    case 5:
      let word = words[number(below: words.count)]
      bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
    case 6: bytes.removeLast(bytes.count - place)
    case 7:
      // Deep nesting, and many small parts.
      let piece = bytes.isEmpty ? words[number(below: words.count)] : Array(bytes[place..<(place + min(length, 8))])
      bytes.insert(contentsOf: repeatElement(piece, count: number(below: 2000)).joined(), at: place)
    default:
      let other = samples[number(below: samples.count)]
      let start = number(below: other.count)
      bytes.replaceSubrange(place..., with: other[start...])
    }
  }
}
