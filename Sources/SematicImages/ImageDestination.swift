import SematicOCI
import SematicSystem

/// A place that images are written to. One algorithm, `publish`, serves them all.
///
/// The blob operations are called from several threads at a time.
package protocol ImageDestination: Sendable {
  /// As it stands in messages.
  var name: String { get }

  /// Trusted for blobs, never for manifests.
  func hasBlob(_ descriptor: Descriptor) throws -> Bool

  /// Takes over a blob that `source` has without moving its bytes; false where that cannot be done.
  func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool

  /// Writes a blob whole or not at all, and checks it. `progress` is told how many bytes went since its last call; when
  /// it throws, the writing stops and throws the same.
  func writeBlob(_ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void) throws

  /// Whether each of the tags, or without any the digest, leads to this manifest already; false where that cannot be told.
  func hasManifest(_ descriptor: Descriptor, tags: [String]) throws -> Bool

  /// Writes a manifest whose blobs are there, under its digest and each tag.
  func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws

  /// Reads a manifest back, as one who pulls would.
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument

  /// Makes what was written visible, where that happens all at once: a file or folder that is put into its place.
  func finish() throws

  /// Drops what was written and not finished.
  func discard()
}

extension ImageDestination {
  package func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool { false }

  package func hasManifest(_ descriptor: Descriptor, tags: [String]) throws -> Bool { false }

  package func finish() throws {}

  package func discard() {}
}
