import Foundation
import OCI

/// Where the bytes of a blob come from when it is written.
package enum BlobContent: Sendable {
  case file(String)
  case source(any ImageSource)
}

/// A place that images are written to. One algorithm, `publish`, serves them all.
package protocol ImageDestination: Sendable {
  /// As it stands in messages.
  var name: String { get }

  /// Trusted for blobs, never for manifests.
  func hasBlob(_ descriptor: Descriptor) throws -> Bool

  /// Takes over a blob that `source` has without moving its bytes; false where that cannot be done.
  func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool

  /// Writes a blob whole or not at all, and checks it. `progress` is told how many bytes went since its last call.
  func writeBlob(_ descriptor: Descriptor, from content: BlobContent, progress: (Int64) -> Void) throws

  /// Writes a manifest whose blobs are there, under its digest and each tag.
  func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws

  /// Reads a manifest back, as one who pulls would.
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument
}

extension ImageDestination {
  package func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool { false }
}
