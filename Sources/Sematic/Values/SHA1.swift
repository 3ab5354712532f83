/// The digest that names Sematic's artifacts: https://www.rfc-editor.org/rfc/rfc3174
struct SHA1 {
  private var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
  private var schedule = [UInt32](repeating: 0, count: 80)
  /// The beginning of a block.
  private var held: [UInt8] = []
  private var count: UInt64 = 0

  /// 40 hexadecimal digits.
  static func hex(_ message: [UInt8]) -> String {
    var digest = SHA1()
    message.withUnsafeBufferPointer { digest.update($0) }
    return digest.finish()
  }

  mutating func update(_ text: StaticString) {
    update(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    count &+= UInt64(bytes.count)
    var start = 0
    if !held.isEmpty {
      start = min(64 - held.count, bytes.count)
      held += bytes[..<start]
      guard held.count == 64 else { return }
      held.withUnsafeBufferPointer { Self.add($0, 0, &schedule, &state) }
      held = []
    }
    while bytes.count - start >= 64 {
      Self.add(bytes, start, &schedule, &state)
      start += 64
    }
    held += bytes[start...]
  }

  /// 40 hexadecimal digits; no more bytes can follow.
  mutating func finish() -> String {
    let bits = count &* 8
    var tail: [UInt8] = [0x80]
    tail += [UInt8](repeating: 0, count: (119 - held.count) % 64)
    tail += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    tail.withUnsafeBufferPointer { update($0) }
    return state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }.joined()
  }

  private static func add(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ schedule: inout [UInt32], _ state: inout [UInt32]
  ) {
    for index in 0..<16 {
      let place = start + 4 * index
      let high = UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16
      schedule[index] = high | UInt32(bytes[place + 2]) << 8 | UInt32(bytes[place + 3])
    }
    for index in 16..<80 {
      let early = schedule[index - 3] ^ schedule[index - 8]
      schedule[index] = rotated(early ^ schedule[index - 14] ^ schedule[index - 16], 1)
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for index in 0..<80 {
      let mixed: UInt32
      switch index {
      case ..<20: mixed = ((b & c) | (~b & d)) &+ 0x5A82_7999
      case ..<40: mixed = (b ^ c ^ d) &+ 0x6ED9_EBA1
      case ..<60: mixed = ((b & c) | (b & d) | (c & d)) &+ 0x8F1B_BCDC
      default: mixed = (b ^ c ^ d) &+ 0xCA62_C1D6
      }
      let sum = rotated(a, 5) &+ mixed &+ e &+ schedule[index]
      (e, d, c, b, a) = (d, c, rotated(b, 30), a, sum)
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
    state[4] &+= e
  }

  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
