import SematicOCI

/// The position in a blob that is read, and the digest up to it.
final class BlobTrail: @unchecked Sendable {  // one thread at a time reads
  let descriptor: Descriptor
  /// The number of bytes that were read.
  private(set) var position: Int64 = 0
  private var hasher: DigestHasher
  private var marks: [(position: Int64, hasher: DigestHasher)] = []
  private static let interval: Int64 = 4 << 20

  /// - Throws: `MissingLibrary`.
  init(_ descriptor: Descriptor) throws {
    self.descriptor = descriptor
    hasher = try DigestHasher(descriptor.digest.algorithm)
    marks = [(0, try hasher.copy())]
  }

  var isWhole: Bool { position == descriptor.size }

  func take(_ bytes: UnsafeRawBufferPointer) throws {
    hasher.update(bytes)
    position += Int64(bytes.count)
    guard position - (marks.last?.position ?? 0) >= Self.interval else { return }
    marks.append((position, try hasher.copy()))
  }

  /// Goes back to the last mark at or before an offset.
  func rewind(to offset: Int64) throws {
    marks.removeAll { $0.position > offset && $0.position > 0 }
    guard offset < position, let mark = marks.last else { return }
    hasher = try mark.hasher.copy()
    position = mark.position
  }

  /// The digest of all bytes so far.
  func digest() throws -> Digest { try hasher.digest() }
}
