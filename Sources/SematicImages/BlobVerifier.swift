import SematicOCI
import SematicSystem

/// Checks a streamed blob against the size and digest of its descriptor.
package final class BlobVerifier {
  private let descriptor: Descriptor
  private let place: String
  private let hasher: DigestHasher
  private var size: Int64 = 0

  /// - Parameter place: the source of the blob, for messages.
  package init(_ descriptor: Descriptor, from place: String) throws {
    self.descriptor = descriptor
    self.place = place
    hasher = try DigestHasher(descriptor.digest.algorithm)
  }

  /// - Throws: `BlobMismatch` as soon as there are more bytes than there should be.
  package func update(_ bytes: UnsafeRawBufferPointer) throws {
    guard Int64(bytes.count) <= descriptor.size - size else {
      throw BlobMismatch(descriptor: descriptor, place: place, found: .more)
    }
    size += Int64(bytes.count)
    hasher.update(bytes)
  }

  /// - Throws: `BlobMismatch`.
  package func finish() throws {
    guard size == descriptor.size else {
      throw BlobMismatch(descriptor: descriptor, place: place, found: .size(size))
    }
    let digest = try hasher.digest()
    guard digest == descriptor.digest else {
      throw BlobMismatch(descriptor: descriptor, place: place, found: .digest(digest))
    }
  }
}

/// A blob whose size or digest differs from its descriptor.
package struct BlobMismatch: ExplainedError, Equatable, Sendable {
  package enum Found: Equatable, Sendable {
    /// Too few bytes.
    case size(Int64)
    case more
    case digest(Digest)
  }

  package let descriptor: Descriptor
  package let place: String
  package let found: Found

  package init(descriptor: Descriptor, place: String, found: Found) {
    self.descriptor = descriptor
    self.place = place
    self.found = found
  }

  package var description: String {
    let blob = "the blob \(descriptor.digest) of \(place)"
    return switch found {
    case .size(let size): "\(blob) ends after \(size) of \(descriptor.size) bytes"
    case .more: "\(blob) has more than \(descriptor.size) bytes"
    case .digest(let digest): "\(blob) is corrupt: its digest is \(digest)"
    }
  }

  package var hint: String? { nil }
}
