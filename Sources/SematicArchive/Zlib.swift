import CSematic
import SematicOCI

/// The library zlib (https://www.zlib.net/manual.html), which is loaded at run time.
package enum Zlib {
  /// - Throws: `MissingLibrary`.
  static func version() throws -> String {
    if let version = csematic_zlib_version() { return "zlib \(String(cString: version))" }
    throw MissingLibrary(reason: "zlib was not found: install it (Debian and Ubuntu: zlib1g)")
  }

  /// The checksum of gzip over all bytes so far. Without the library it is 0.
  static func crc32(_ bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
    csematic_crc32(checksum, bytes.baseAddress, bytes.count)
  }

  package static func crc32(of text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { crc32(UnsafeRawBufferPointer($0)) }
  }

  /// Makes a stream of raw deflate: https://www.rfc-editor.org/rfc/rfc1951
  final class Deflater {
    enum Flush {
      case none
      /// Ends at a whole byte and forgets what came before: what follows is compressed as if it stood alone.
      case full
    }

    private let stream: OpaquePointer

    /// - Parameter level: nil for level 1 with every byte of a match remembered: 2% smaller for 5% more time.
    init?(level: Int?) {
      guard let stream = csematic_deflate_new(CInt(truncatingIfNeeded: level ?? 1)) else { return nil }
      self.stream = stream
      guard level != nil || csematic_deflate_tune(stream, 4, 258, 16, 3) == 0 else { return nil }
    }

    deinit { csematic_deflate_free(stream) }

    /// - Returns: how many bytes were written; nil when the library failed, or there was too little room.
    func add(
      _ input: UnsafeRawBufferPointer, _ flush: Flush, to output: UnsafeMutableRawBufferPointer
    ) -> Int? {
      var (rest, room) = (input.count, output.count)
      let mode = CInt(flush == .full ? CSEMATIC_DEFLATE_FLUSH : CSEMATIC_DEFLATE_MORE)
      let result = csematic_deflate_run(stream, input.baseAddress, &rest, output.baseAddress, &room, mode)
      // Room that is left says that all was written.
      return result == 0 && rest == 0 && room > 0 ? output.count - room : nil
    }
  }

  /// Reads members of gzip: https://www.rfc-editor.org/rfc/rfc1952
  final class Inflater {
    private let stream: OpaquePointer

    /// - Throws: `MissingLibrary`.
    init() throws {
      guard let stream = csematic_inflate_new() else {
        throw MissingLibrary(reason: "\(try version()) is out of memory")
      }
      self.stream = stream
    }

    deinit { csematic_inflate_free(stream) }

    /// - Returns: nil for corrupt data.
    func run(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecompressionStep? {
      DecompressionStep(input, output) {
        csematic_inflate_run(stream, input.baseAddress, &$0, output.baseAddress, &$1)
      }
    }

    /// Prepares for the next member.
    func reset() -> Bool { csematic_inflate_reset(stream) == 0 }
  }
}

/// The progress of a decompressing library in one step.
struct DecompressionStep {
  /// How many bytes of the compressed input were read.
  let consumed: Int
  /// How many bytes of decompressed output were written.
  let produced: Int
  /// Whether this was the end of a member of gzip, or of a frame of zstd.
  let isEnd: Bool

  /// - Parameter run: reads both counts as what is there and writes them as what is left; negative for corrupt data.
  init?(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ run: (inout Int, inout Int) -> CInt
  ) {
    var (rest, room) = (input.count, output.count)
    let result = run(&rest, &room)
    guard result >= 0 else { return nil }
    consumed = input.count - rest
    produced = output.count - room
    isEnd = result == 1
  }
}
