import Foundation

/// How long each step of a verb took, in wall-clock seconds.
final class Timings {
  private(set) var seconds: [String: Double] = [:]

  func measure<Result>(_ step: String, _ body: () throws -> Result) rethrows -> Result {
    let start = DispatchTime.now().uptimeNanoseconds
    defer {
      let elapsed = Double(DispatchTime.now().uptimeNanoseconds &- start) / 1e9
      seconds[step, default: 0] += elapsed
    }
    return try body()
  }
}
