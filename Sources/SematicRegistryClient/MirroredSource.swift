import SematicImages
import SematicOCI
import SematicSystem

/// A repository that is read from its mirrors first.
///
/// What a mirror does not have, or fails to give, comes from the registry itself. A mirror is trusted for tags;
/// everything else has a digest.
package struct MirroredSource: CancellableSource {
  package let registry: Registry
  package let mirrors: [Registry]
  private let log: @Sendable (String) -> Void

  package init(_ registry: Registry, mirrors: [Registry], log: @escaping @Sendable (String) -> Void = { _ in }) {
    self.registry = registry
    self.mirrors = mirrors
    self.log = log
  }

  package var name: String { registry.name }

  /// The repositories on a host, from which it can mount blobs.
  func repositories(at host: String) -> [Registry] { ([registry] + mirrors).filter { $0.host == host } }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    try first { try $0.manifest(identifier) }
  }

  package func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try readBlob(BlobTrail(descriptor), isCancelled: nil, body)
  }

  func readBlob(
    _ trail: BlobTrail, isCancelled: (() -> Bool)?, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let start = trail.position
    try first { source in
      let begun = trail.position
      do {
        // The next mirror continues what one mirror began.
        try source.readBlob(trail, isCancelled: isCancelled, body)
      } catch let error as RegistryError {
        // Bytes that were passed on cannot be taken back. Where several gave some, it is not known whose are wrong.
        guard trail.isWhole, trail.position > start else { throw error }
        let (blob, digest) = (trail.descriptor, try trail.digest())
        throw BlobMismatch(
          descriptor: blob, place: begun == start ? source.name : name,
          found: digest == blob.digest ? .more : .digest(digest))
      }
    }
  }

  private func first<Result>(_ body: (Registry) throws -> Result) throws -> Result {
    for mirror in mirrors {
      do {
        return try body(mirror)
      } catch let error as RegistryError where error.registry == mirror.host {
        log("\(error); trying the next one")
      }
    }
    return try body(registry)
  }
}
