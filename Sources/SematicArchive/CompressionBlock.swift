import Dispatch
import SematicSystem

/// A piece of a compressed stream, made of a fixed number of bytes and of nothing that came before them.
///
/// So pieces can be compressed at the same time, and put one after the other they are one stream, the same on any number
/// of processors. A block's buffers are used again and again.
final class CompressionBlock: @unchecked Sendable {  // one thread at a time: handed over by `compress` and `wait`
  /// A larger piece compresses better by a few parts in a thousand; a smaller one takes less memory.
  static let capacity = 1 << 20

  private let codec: any PieceCodec
  private let input: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer
  private let done = DispatchSemaphore(value: 0)
  private(set) var inputCount = 0
  private var outputCount: Int?

  init(_ codec: any PieceCodec) {
    self.codec = codec
    input = .allocate(byteCount: Self.capacity, alignment: 4096)
    // More than any of the libraries makes of incompressible input.
    output = .allocate(byteCount: Self.capacity + Self.capacity / 4, alignment: 4096)
  }

  deinit {
    input.deallocate()
    output.deallocate()
  }

  var isEmpty: Bool { inputCount == 0 }
  var isFull: Bool { inputCount == Self.capacity }

  /// Takes as much as there is room for, and returns the rest.
  func take(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let count = min(bytes.count, Self.capacity - inputCount)
    let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
    UnsafeMutableRawBufferPointer(rebasing: input[inputCount...]).copyMemory(from: part)
    inputCount += count
    return UnsafeRawBufferPointer(rebasing: bytes[count...])
  }

  /// Starts on another thread; `wait` must follow.
  func compress(on queue: DispatchQueue) {
    queue.async {
      self.outputCount = self.codec.compress(
        UnsafeRawBufferPointer(rebasing: self.input[..<self.inputCount]), into: self.output)
      self.done.signal()
    }
  }

  /// Waits for the compressed bytes, which are valid until the next `take`.
  func wait() throws -> UnsafeRawBufferPointer {
    done.wait()
    guard let outputCount else { throw ArchiveError("compress", reason: "the library for it failed") }
    inputCount = 0
    return UnsafeRawBufferPointer(rebasing: output[..<outputCount])
  }
}
