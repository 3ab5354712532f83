import SematicSystem

/// How long each step of a verb took, in wall-clock seconds.
final class Timings {
  private(set) var seconds: [String: Double] = [:]

  func measure<Result>(_ step: String, _ body: () throws -> Result) rethrows -> Result {
    let start = MonotonicClock.nanoseconds
    defer {
      let elapsed = Double(MonotonicClock.nanoseconds &- start) / 1e9
      seconds[step, default: 0] += elapsed
    }
    return try body()
  }
}
