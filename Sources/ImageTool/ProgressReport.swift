import Foundation
import ImageStore
import OCI

/// Says what is being sent: a line for each blob, and one every few seconds while a large one is on its way.
///
/// Whole lines, because a plugin's output is no terminal.
final class ProgressReport: @unchecked Sendable {  // the lock guards what was counted
  private let lock = NSLock()
  private let console: Console
  private let verb: String
  private var moved: [Digest: Int64] = [:]
  private var lastLine = DispatchTime.now().uptimeNanoseconds
  private static let interval: UInt64 = 3_000_000_000

  /// - Parameter verb: "sending", "writing".
  init(_ console: Console, verb: String) {
    self.console = console
    self.verb = verb
  }

  func report(_ progress: PublishProgress) {
    switch progress {
    case .began(let descriptor):
      if descriptor.mediaType != .configuration {
        console.say("\(verb) layer \(descriptor.digest.short), \(ByteCount(descriptor.size))")
      }
    case .moved(let descriptor, let bytes):
      if let line = lock.withLock({ line(for: descriptor, bytes) }) { console.say(line) }
    case .finished(let outcome):
      console.detail("\(outcome.kind.rawValue) \(outcome.descriptor.digest.short): \(outcome.outcome.rawValue)")
    case .published(let descriptor, let tags):
      console.detail("manifest \(descriptor.digest) as \(tags.joined(separator: ", "))")
    }
  }

  private func line(for descriptor: Descriptor, _ bytes: Int64) -> String? {
    let sum = moved[descriptor.digest, default: 0] &+ bytes
    moved[descriptor.digest] = sum
    let now = DispatchTime.now().uptimeNanoseconds
    guard now &- lastLine > Self.interval, sum < descriptor.size else { return nil }
    lastLine = now
    return "\(verb) layer \(descriptor.digest.short), \(ByteCount(sum)) of \(ByteCount(descriptor.size))"
  }
}

/// A number of bytes as people read it: `812 B`, `4.1 MB`.
struct ByteCount: CustomStringConvertible {
  let description: String

  init(_ count: Int64) {
    var value = Double(count)
    var unit = 0
    while value >= 999.5, unit < 4 {
      value /= 1000
      unit += 1
    }
    let number = unit == 0 ? "\(count)" : value < 9.95 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
    description = number + [" B", " kB", " MB", " GB", " TB"][unit]
  }
}
