import CLibraries
import Foundation

/// A piece of a compressed stream, made of a fixed number of bytes and of nothing that came before them.
///
/// So pieces can be compressed at the same time, and put one after the other they are one stream of deflate
/// (https://www.rfc-editor.org/rfc/rfc1951), the same on any number of processors.
final class DeflateBlock: @unchecked Sendable {  // one thread at a time: handed over by `compress` and `wait`
  /// A larger piece compresses better by a few parts in a thousand; a smaller one takes less memory.
  static let capacity = 1 << 20
  /// Of the input, compressed to see whether it can be compressed.
  private static let sample = 256 << 10
  /// zlib keeps this many literals to itself before it writes a block of them.
  private static let unseen = 16 << 10

  private let stream: OpaquePointer
  private let input: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer
  private let done = DispatchSemaphore(value: 0)
  private var inputCount = 0
  private var outputCount = 0
  private var isValid = true

  /// Nil when zlib is missing, knows no such level, or is out of memory.
  init?(level: Int) {
    guard let stream = cl_deflate_new(CInt(truncatingIfNeeded: level)) else { return nil }
    self.stream = stream
    input = .allocate(byteCount: Self.capacity, alignment: 4096)
    // The most that zlib makes of incompressible input, its deflateBound.
    output = .allocate(byteCount: Self.capacity + Self.capacity / 4, alignment: 4096)
  }

  deinit {
    cl_deflate_free(stream)
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
      self.run()
      self.done.signal()
    }
  }

  /// Waits for the compressed bytes, which are valid until the next `take`.
  func wait() throws -> UnsafeRawBufferPointer {
    done.wait()
    guard isValid else { throw ArchiveError("compress", reason: "zlib failed") }
    inputCount = 0
    return UnsafeRawBufferPointer(rebasing: output[..<outputCount])
  }

  private func run() {
    outputCount = 0
    if inputCount > Self.sample {
      add(0..<Self.sample, CL_DEFLATE_MORE)
      // Images, model weights, archives: zlib would spend ten times as long on them as all the rest takes, for nothing.
      if (outputCount + Self.unseen) * 100 > Self.sample * 97 {
        add(Self.sample..<Self.sample, CL_DEFLATE_FLUSH)
        return store()
      }
      add(Self.sample..<inputCount, CL_DEFLATE_FLUSH)
    } else {
      add(0..<inputCount, CL_DEFLATE_FLUSH)
    }
  }

  private func add(_ range: Range<Int>, _ mode: Int) {
    let part = UnsafeRawBufferPointer(rebasing: input[range])
    let target = UnsafeMutableRawBufferPointer(rebasing: output[outputCount...])
    var (rest, room) = (part.count, target.count)
    let result = cl_deflate_run(stream, part.baseAddress, &rest, target.baseAddress, &room, CInt(mode))
    // Room that is left says that all was written.
    if result != 0 || rest != 0 || room == 0 { isValid = false }
    outputCount += target.count - room
  }

  /// Deflate's own form for what does not compress: pieces of up to 65,535 bytes behind a header of five.
  private func store() {
    outputCount = 0
    var start = 0
    while start < inputCount {
      let count = min(inputCount - start, 0xFFFF)
      let length = UInt16(count)
      output[outputCount] = 0
      output.storeBytes(of: length.littleEndian, toByteOffset: outputCount + 1, as: UInt16.self)
      output.storeBytes(of: (~length).littleEndian, toByteOffset: outputCount + 3, as: UInt16.self)
      UnsafeMutableRawBufferPointer(rebasing: output[(outputCount + 5)...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[start..<(start + count)]))
      outputCount += 5 + count
      start += count
    }
  }
}
