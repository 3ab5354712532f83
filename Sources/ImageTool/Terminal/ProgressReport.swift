import SematicImages
import SematicOCI
import SematicSystem

/// Says what is being sent: a line for each blob, and how far it is.
///
/// On a terminal in one line that is written over; elsewhere (a plugin's output is no terminal) in whole lines, every few
/// seconds.
final class ProgressReport: @unchecked Sendable {  // the lock guards what was counted
  private let lock = Lock()
  private let console: Console
  private let verb: String
  /// Bytes of each blob that is on its way.
  private var moved: [Digest: (bytes: Int64, size: Int64)] = [:]
  private var rate = TransferRate(now: MonotonicClock.nanoseconds)
  private var lastLine = MonotonicClock.nanoseconds
  private let interval: UInt64

  /// - Parameter verb: "sending", "writing".
  init(_ console: Console, verb: String) {
    self.console = console
    self.verb = verb
    interval = console.isTerminal ? 100_000_000 : 3_000_000_000
  }

  func report(_ progress: PublishProgress) {
    switch progress {
    case .began(let descriptor):
      if descriptor.mediaType != .configuration {
        console.say("\(verb) layer \(descriptor.digest.short), \(ByteCount(descriptor.size))")
      }
    case .moved(let descriptor, let bytes):
      guard let line = lock.withLock({ line(for: descriptor, bytes) }) else { return }
      if console.isTerminal { console.show(line) } else { console.say(line) }
    case .finished(let outcome):
      lock.withLock { _ = moved.removeValue(forKey: outcome.descriptor.digest) }
      console.show(nil)
      console.detail("\(outcome.kind.rawValue) \(outcome.descriptor.digest.short): \(outcome.outcome.rawValue)")
    case .published(let descriptor, let tags):
      console.detail("manifest \(descriptor.digest) as \(tags.joined(separator: ", "))")
    }
  }

  private func line(for descriptor: Descriptor, _ bytes: Int64) -> String? {
    let sum = (moved[descriptor.digest]?.bytes ?? 0) &+ bytes
    moved[descriptor.digest] = (sum, descriptor.size)
    let now = MonotonicClock.nanoseconds
    rate.add(bytes, now: now)
    guard now &- lastLine > interval, sum < descriptor.size else { return nil }
    lastLine = now
    let speed = rate.bytesPerSecond(now: now).map { ", \(ByteCount($0))/s" } ?? ""
    // Several at a time are one line.
    let (done, size) = moved.values.reduce(into: (Int64(0), Int64(0))) { $0 = ($0.0 &+ $1.bytes, $0.1 &+ $1.size) }
    let what = moved.count == 1 ? "layer \(descriptor.digest.short)" : "\(moved.count) layers"
    return "\(verb) \(what), \(ByteCount(done)) of \(ByteCount(size))\(speed)"
  }
}

/// How fast bytes went lately.
struct TransferRate {
  private var start: UInt64
  private var bytes: Int64 = 0
  private var last: Double?
  private static let window: UInt64 = 2_000_000_000

  /// - Parameter now: nanoseconds of a clock that nobody sets, as everywhere here.
  init(now: UInt64) { start = now }

  mutating func add(_ count: Int64, now: UInt64) {
    if now &- start > Self.window {
      last = current(now: now)
      start = now
      bytes = 0
    }
    bytes &+= count
  }

  /// Nil where too little is known yet.
  func bytesPerSecond(now: UInt64) -> Int64? {
    let rate = last ?? (now &- start > Self.window / 4 ? current(now: now) : nil)
    return rate.flatMap { Int64(exactly: $0.rounded()) }
  }

  private func current(now: UInt64) -> Double { Double(bytes) / (Double(max(1, now &- start)) / 1e9) }
}
