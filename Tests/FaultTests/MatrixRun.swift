import Dispatch
import Foundation

/// Walks cells on a few threads, and does not wait for ever for any of them.
final class MatrixRun: @unchecked Sendable {  // the lock guards what changes
  private let cells: [MatrixCell]
  private let lock = NSLock()
  private var next = 0
  private var found: [Int: MatrixCell.Outcome] = [:]

  init(_ cells: [MatrixCell]) { self.cells = cells }

  /// In the order of the cells.
  func results(threads: Int, secondsPerCell: Int) -> [MatrixCell.Outcome] {
    let group = DispatchGroup()
    for _ in 0..<threads {
      group.enter()
      Thread.detachNewThread { [self] in
        while let number = take() { walk(number, secondsPerCell) }
        group.leave()
      }
    }
    group.wait()
    return lock.withLock { cells.indices.map { found[$0] ?? .wrong("not walked") } }
  }

  private func take() -> Int? {
    lock.withLock {
      defer { next += 1 }
      return next < cells.count ? next : nil
    }
  }

  private func walk(_ number: Int, _ seconds: Int) {
    let done = DispatchSemaphore(value: 0)
    let cell = cells[number]
    Thread.detachNewThread { [self] in
      do {
        put(try cell.run(), number)
      } catch {
        put(.wrong("the test itself failed: \(error)"), number)
      }
      done.signal()
    }
    if done.wait(timeout: .now() + .seconds(seconds)) == .timedOut { put(.wrong("it hangs"), number) }
  }

  private func put(_ outcome: MatrixCell.Outcome, _ number: Int) {
    lock.withLock { if found[number] == nil { found[number] = outcome } }
  }
}
