import CSematic

/// Pieces of one deflate stream (https://www.rfc-editor.org/rfc/rfc1951), without its end.
final class ZlibCodec: PieceCodec {
  /// Of the input, compressed to see whether it can be compressed.
  private static let sample = 256 << 10
  /// zlib keeps this many literals to itself before it writes a block of them.
  private static let unseen = 16 << 10

  private let stream: OpaquePointer

  /// - Parameter level: nil for level 1 with every byte of a match remembered: 2% smaller for 5% more time.
  init?(level: Int?) {
    guard let stream = cl_deflate_new(CInt(truncatingIfNeeded: level ?? 1)) else { return nil }
    self.stream = stream
    guard level != nil || cl_deflate_tune(stream, 4, 258, 16, 3) == 0 else { return nil }
  }

  deinit { cl_deflate_free(stream) }

  func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
    guard input.count > Self.sample else { return add(input, CL_DEFLATE_FLUSH, to: output) }
    let start = UnsafeRawBufferPointer(rebasing: input[..<Self.sample])
    guard let sampled = add(start, CL_DEFLATE_MORE, to: output) else { return nil }
    let rest = UnsafeMutableRawBufferPointer(rebasing: output[sampled...])
    // Images, model weights, archives: zlib would spend ten times as long on them as all the rest takes, for nothing.
    if (sampled + Self.unseen) * 100 > Self.sample * 97 {
      guard add(UnsafeRawBufferPointer(start: nil, count: 0), CL_DEFLATE_FLUSH, to: rest) != nil else { return nil }
      return Self.store(input, to: output)
    }
    let part = UnsafeRawBufferPointer(rebasing: input[Self.sample...])
    return add(part, CL_DEFLATE_FLUSH, to: rest).map { sampled + $0 }
  }

  private func add(
    _ part: UnsafeRawBufferPointer, _ mode: Int, to target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var (rest, room) = (part.count, target.count)
    let result = cl_deflate_run(stream, part.baseAddress, &rest, target.baseAddress, &room, CInt(mode))
    // Room that is left says that all was written.
    return result == 0 && rest == 0 && room > 0 ? target.count - room : nil
  }

  /// Deflate's own form for what does not compress: pieces of up to 65,535 bytes behind a header of five.
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
