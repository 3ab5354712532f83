import CSematic
import SematicOCI

/// Computes the SHA-1 of bytes that come in pieces: SPDX wants it of every file. It names no content here.
///
/// https://spdx.github.io/spdx-spec/v2.3/file-information/#84-file-checksum-field
final class SHA1Hasher {
  private let state: OpaquePointer

  /// - Throws: `MissingLibrary` where the system has no libcrypto.
  init() throws {
    guard let state = csematic_digest_new("sha1") else {
      throw MissingLibrary(reason: csematic_digest_error().map { String(cString: $0) } ?? "libcrypto has no SHA-1")
    }
    self.state = state
  }

  deinit { csematic_digest_free(state) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    csematic_digest_update(state, start, bytes.count)
  }

  /// The hash in hexadecimal digits. No more bytes can follow.
  func finish() -> String {
    let bytes = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
      count = buffer.baseAddress.map { csematic_digest_finish(state, $0) } ?? 0
    }
    var digits: [UInt8] = []
    let alphabet = Array("0123456789abcdef".utf8)
    for byte in bytes { digits += [alphabet[Int(byte >> 4)], alphabet[Int(byte & 15)]] }
    return String(decoding: digits, as: UTF8.self)
  }

  static func hash(of bytes: [UInt8]) throws -> String {
    let hasher = try SHA1Hasher()
    bytes.withUnsafeBytes { hasher.update($0) }
    return hasher.finish()
  }
}
