import CSematic

/// Computes the digest of bytes that come in pieces.
///
/// The hashing is libcrypto's (CommonCrypto's on macOS): ten times as fast as Swift code in a debug build.
package final class DigestHasher {
  private let algorithm: Digest.Algorithm
  private let state: OpaquePointer

  /// - Throws: `MissingLibrary` where the system has no libcrypto.
  package init(_ algorithm: Digest.Algorithm = .sha256) throws {
    guard let state = csematic_digest_new(algorithm.rawValue) else {
      throw MissingLibrary(reason: csematic_digest_error().map { String(cString: $0) } ?? "out of memory")
    }
    self.algorithm = algorithm
    self.state = state
  }

  private init(_ algorithm: Digest.Algorithm, _ state: OpaquePointer) {
    self.algorithm = algorithm
    self.state = state
  }

  deinit { csematic_digest_free(state) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    csematic_digest_update(state, start, bytes.count)
  }

  /// One of its own that has seen the same bytes.
  package func copy() throws -> DigestHasher {
    guard let copy = csematic_digest_copy(state) else { throw MissingLibrary(reason: "out of memory") }
    return DigestHasher(algorithm, copy)
  }

  /// The digest of all bytes so far; more can follow.
  package func digest() throws -> Digest {
    let copy = try copy()
    let bytes = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
      count = buffer.baseAddress.map { csematic_digest_finish(copy.state, $0) } ?? 0
    }
    return Digest(algorithm: algorithm, bytes: bytes)
  }
}

extension Digest {
  /// - Throws: `MissingLibrary` where the system has no libcrypto.
  package static func of(_ bytes: some Collection<UInt8>, _ algorithm: Algorithm = .sha256) throws -> Digest {
    let hasher = try DigestHasher(algorithm)
    if bytes.withContiguousStorageIfAvailable({ hasher.update(UnsafeRawBufferPointer($0)) }) == nil {
      Array(bytes).withUnsafeBytes { hasher.update($0) }
    }
    return try hasher.digest()
  }
}
