import SematicFiles
import SematicOCI
import SematicSystem

/// A blob that one thread reads while another one still makes it, in a file that grows.
package final class GrowingBlob: @unchecked Sendable {  // the condition guards the variables
  /// The blob was given up before it was whole.
  struct Abandoned: Error {}

  private let condition = Condition()
  private let began: @Sendable (GrowingBlob) -> Void
  private var end: Result<Descriptor, Abandoned>?
  private var file: InputFile?
  private var size: Int64 = 0
  private var position: Int64 = 0

  /// - Parameter began: called once, when its file is there.
  package init(began: @escaping @Sendable (GrowingBlob) -> Void) { self.began = began }

  /// Nil while it grows, and after it was abandoned.
  package var descriptor: Descriptor? { condition.withLock { try? end?.get() } }

  package var isGrowing: Bool { condition.withLock { end == nil } }

  package var isAbandoned: Bool { condition.withLock { if case .failure = end { true } else { false } } }

  /// Tells that the file at `path` has `size` bytes now.
  package func grew(_ path: String, to size: Int64) {
    let isNew = condition.withLock { () -> Bool in
      defer { condition.broadcast() }
      self.size = size
      guard file == nil, end == nil else { return false }
      file = try? InputFile(path)
      if file == nil { end = .failure(Abandoned()) }
      return file != nil
    }
    if isNew { began(self) }
  }

  /// Tells that the file is whole.
  package func finish(_ descriptor: Descriptor) { end(.success(descriptor)) }

  /// Ends the reading with an error, unless the file is whole.
  package func abandon() { end(.failure(Abandoned())) }

  private func end(_ result: Result<Descriptor, Abandoned>) {
    condition.withLock {
      end = end ?? result
      condition.broadcast()
    }
  }

  /// Waits for the next bytes; 0 at the end.
  /// - Throws: `Abandoned`, `FileError`.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let (input, count) = try condition.withLock { () -> (InputFile?, Int) in
      while size == position, end == nil { condition.wait() }
      if case .failure(let error) = end { throw error }
      return (file, Int(min(size - position, Int64(buffer.count))))
    }
    guard count > 0, let input else { return 0 }
    let given = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    condition.withLock { position += Int64(given) }
    return given
  }
}
