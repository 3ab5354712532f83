import SematicFiles
import SematicOCI
import SematicSystem

/// A blob that one thread reads while another one still makes it, in a file that grows.
package final class GrowingBlob: @unchecked Sendable {  // the condition guards the variables
  /// The blob was given up before it was whole.
  struct Abandoned: Error {}

  /// The most bytes that are expected in an end that is sent apart. GHCR accepts no 4 MiB with a Content-Range, and the end
  /// may compress worse: https://github.com/wasmCloud/wash-archive/issues/268
  private static let largestEnd: Int64 = 2 << 20
  /// The sizes of a beginning that is sent apart. ECR wants 5 MB in each part but the last; and after a refused end all is
  /// sent again: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CompleteLayerUpload.html
  private static let beginnings: ClosedRange<Int64> = 5 << 20...64 << 20

  private let condition = Condition()
  private let began: @Sendable (GrowingBlob) -> Void
  private var end: Result<Descriptor, Abandoned>?
  private var file: InputFile?
  private var size: Int64 = 0
  private var position: Int64 = 0
  private var isNearEnd = false

  /// - Parameter began: called once, when its file is there.
  package init(began: @escaping @Sendable (GrowingBlob) -> Void) { self.began = began }

  /// Nil while it grows, and after it was abandoned.
  package var descriptor: Descriptor? { condition.withLock { try? end?.get() } }

  package var isGrowing: Bool { condition.withLock { end == nil } }

  package var isAbandoned: Bool { condition.withLock { if case .failure = end { true } else { false } } }

  /// Tells that the file at `path` has `size` bytes now.
  /// - Parameter rest: the bytes that are likely to follow; nil where that cannot be told.
  package func grew(_ path: String, to size: Int64, rest: Int64? = nil) {
    let isNew = condition.withLock { () -> Bool in
      defer { condition.broadcast() }
      self.size = size
      isNearEnd = rest.map { $0 <= Self.largestEnd } == true && Self.beginnings.contains(size)
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

  /// Waits until the file is whole.
  /// - Throws: `Abandoned`.
  package func whole() throws -> Descriptor {
    try condition.withLock {
      while true {
        if let end { return try end.get() }
        condition.wait()
      }
    }
  }

  /// Waits for the next bytes; 0 at the end, or where an end that is sent apart begins.
  /// - Throws: `Abandoned`, `FileError`.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let (input, count) = try condition.withLock { () -> (InputFile?, Int) in
      while size == position, end == nil, !isNearEnd { condition.wait() }
      if case .failure(let error) = end { throw error }
      return (file, Int(min(size - position, Int64(buffer.count))))
    }
    guard count > 0, let input else { return 0 }
    let given = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    condition.withLock { position += Int64(given) }
    return given
  }
}
