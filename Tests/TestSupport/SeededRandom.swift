import Foundation

/// SplitMix64: the same numbers for the same seed, everywhere.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  /// The numbers of one test: from TESTS_SEED, from `seed`, or from a seed that nobody has chosen.
  ///
  /// The seed is printed, so that a failure can be seen again: `TESTS_SEED=... Tests/run --filter ...`.
  package init(of test: String, seed: UInt64? = nil) {
    let given = ProcessInfo.processInfo.environment["TESTS_SEED"].flatMap { UInt64($0) }
    let seed = given ?? seed ?? .random(in: 0...(.max))
    print("\(test): TESTS_SEED=\(seed)")
    self.init(seed)
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
