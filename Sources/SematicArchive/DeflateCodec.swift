/// Compresses pieces, each as if it stood alone; on one thread at a time.
protocol PieceCodec: AnyObject {
  /// - Returns: how many bytes were written; nil when the library failed.
  func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int?
}

/// Makes pieces of one deflate stream (https://www.rfc-editor.org/rfc/rfc1951), without its end.
final class DeflateCodec: PieceCodec {
  /// The size of the sample that shows whether the input compresses, in bytes.
  private static let sample = 256 << 10
  /// zlib keeps this many literals to itself before it writes a block of them.
  private static let unseen = 16 << 10

  private let deflater: Zlib.Deflater

  init?(level: Int?) {
    guard let deflater = Zlib.Deflater(level: level) else { return nil }
    self.deflater = deflater
  }

  func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
    guard input.count > Self.sample else { return deflater.add(input, .full, to: output) }
    let start = UnsafeRawBufferPointer(rebasing: input[..<Self.sample])
    guard let sampled = deflater.add(start, .none, to: output) else { return nil }
    let rest = UnsafeMutableRawBufferPointer(rebasing: output[sampled...])
    // Images, model weights, archives: zlib would spend ten times as long on them as all the rest takes, for nothing.
    if (sampled + Self.unseen) * 100 > Self.sample * 97 {
      guard deflater.add(UnsafeRawBufferPointer(start: nil, count: 0), .full, to: rest) != nil else { return nil }
      return Self.store(input, to: output)
    }
    let part = UnsafeRawBufferPointer(rebasing: input[Self.sample...])
    return deflater.add(part, .full, to: rest).map { sampled + $0 }
  }

  /// Writes deflate's form for what does not compress: pieces of up to 65,535 bytes behind a header of five.
  private static func store(_ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer) -> Int {
    var (start, written) = (0, 0)
    while start < input.count {
      let count = min(input.count - start, 0xFFFF)
      let length = UInt16(count)
      output[written] = 0
      output.storeBytes(of: length.littleEndian, toByteOffset: written + 1, as: UInt16.self)
      output.storeBytes(of: (~length).littleEndian, toByteOffset: written + 3, as: UInt16.self)
      UnsafeMutableRawBufferPointer(rebasing: output[(written + 5)...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[start..<(start + count)]))
      written += 5 + count
      start += count
    }
    return written
  }
}
