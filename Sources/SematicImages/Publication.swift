import SematicOCI
import SematicSystem

/// The outcome for a blob of an image that was published.
package struct BlobOutcome: Equatable, Sendable {
  package enum Kind: String, Sendable { case layer, configuration, attachment }

  package enum Outcome: String, Sendable {
    case present, mounted, written
    /// Not requested: a layer of the base.
    case leftOut
  }

  package let descriptor: Descriptor
  package let kind: Kind
  package let outcome: Outcome
  /// The number of bytes that were moved.
  package let bytes: Int64
}

/// An image that was published.
package struct Publication: Equatable, Sendable {
  /// The descriptor of the manifest, or of the index.
  package let descriptor: Descriptor
  package let tags: [String]
  /// The layers in the image's order, each once, then the configuration.
  package let blobs: [BlobOutcome]
  /// What was stored beside the image, or beside the images of an index.
  package var attachments: [Referrer] = []
  var bytesAttached: Int64 = 0

  /// A manifest that is about an image.
  package struct Referrer: Equatable, Sendable {
    package let descriptor: Descriptor
    package let subject: Digest
  }

  package var digest: Digest { descriptor.digest }

  /// The bytes of blobs that were sent, without the manifests.
  package var bytesSent: Int64 { blobs.reduce(bytesAttached) { $0 &+ $1.bytes } }
}

/// An event while an image is published.
package enum PublishProgress: Sendable {
  /// The transfer of a blob begins; not for one that needs none.
  case began(Descriptor)
  /// The number of bytes since the last event, with those sent again.
  case moved(Descriptor, bytes: Int64)
  case finished(BlobOutcome)
  /// The manifest and tags were written.
  case published(Descriptor, tags: [String])
}

/// A reason why an image cannot be published.
package enum PublishError: ExplainedError, Equatable, Sendable {
  case nothing
  /// The destination returned a manifest that differs from the one it was given.
  case changed(Digest, String)
  /// A base layer is missing, and there is no base to take it from.
  case noSource(Digest, String)

  package var description: String {
    switch self {
    case .nothing: "there is no image to publish"
    case .changed(let digest, let place):
      "\(place) returned a manifest that differs from \(digest), which it was given"
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
