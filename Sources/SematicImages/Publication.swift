import SematicOCI
import SematicSystem

/// What became of a blob that an image needs.
package struct BlobOutcome: Hashable, Sendable {
  package enum Kind: String, Sendable { case layer, configuration }

  package enum Outcome: String, Sendable {
    case present, mounted, written
    /// Not part of what was asked for: a layer of the base.
    case leftOut
  }

  package let descriptor: Descriptor
  package let kind: Kind
  package let outcome: Outcome
  /// That had to be moved.
  package let bytes: Int64
}

/// An image that a place has now.
package struct Publication: Hashable, Sendable {
  /// Of the manifest.
  package let descriptor: Descriptor
  package let platform: Platform
  package let tags: [String]
  /// Layers in the image's order, each once, then the configuration.
  package let blobs: [BlobOutcome]

  package var digest: Digest { descriptor.digest }

  /// Of blobs; the manifest itself is not counted.
  package var bytesSent: Int64 { blobs.reduce(0) { $0 &+ $1.bytes } }
}

/// What happens while an image is published.
package enum PublishProgress: Sendable {
  /// Its bytes start to move. What is present, mounted or left out never begins.
  case began(Descriptor)
  /// So many bytes since the last time; a blob that has to be sent again counts again.
  case moved(Descriptor, bytes: Int64)
  case finished(BlobOutcome)
  /// Manifest and tags are there.
  case published(Descriptor, tags: [String])
}

package enum PublishError: ExplainedError, Hashable, Sendable {
  case nothing
  /// The place returned something else than it was given.
  case changed(Digest, String)
  /// A base layer is missing at the place, and there is no base to take it from.
  case noSource(Digest, String)

  package var description: String {
    switch self {
    case .nothing: "there is no image to publish"
    case .changed(let digest, let place):
      "\(place) returned something else for the manifest \(digest) that it was given"
    case .noSource(let digest, let place):
      "\(place) does not have the base layer \(digest), and there is no base image to take it from"
    }
  }

  package var hint: String? { nil }
}

/// Collects outcomes and reports progress, one call at a time.
final class PublishLog: @unchecked Sendable {  // the lock guards the outcomes and the calls
  private let lock = Lock()
  private let report: @Sendable (PublishProgress) -> Void
  private var outcomes: [Digest: BlobOutcome] = [:]

  init(_ report: @escaping @Sendable (PublishProgress) -> Void) { self.report = report }

  func began(_ descriptor: Descriptor) { lock.withLock { report(.began(descriptor)) } }

  func moved(_ descriptor: Descriptor, _ bytes: Int64) {
    lock.withLock { report(.moved(descriptor, bytes: bytes)) }
  }

  func finished(_ outcome: BlobOutcome) {
    lock.withLock {
      outcomes[outcome.descriptor.digest] = outcome
      report(.finished(outcome))
    }
  }

  func published(_ descriptor: Descriptor, tags: [String]) {
    lock.withLock { report(.published(descriptor, tags: tags)) }
  }

  func outcome(of digest: Digest) -> BlobOutcome? { lock.withLock { outcomes[digest] } }
}
