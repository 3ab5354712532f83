import SematicOCI
import SematicSystem

/// A destination of images. One algorithm, `publish`, serves them all.
///
/// The blob operations are called from several threads at a time.
package protocol ImageDestination: Sendable {
  /// The name for messages.
  var name: String { get }

  /// Whether a blob exists. Such answers are trusted for blobs, never for manifests.
  func hasBlob(_ descriptor: Descriptor) throws -> Bool

  /// Takes over a blob without moving its bytes; false where it cannot.
  func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool

  /// Takes the bytes of a blob while it is made, where they are of use and the destination can; `writeBlob` is then called
  /// for the blob, and finds them there, or all but the last ones.
  ///
  /// `progress` is that of `writeBlob`.
  /// - Returns: false, with nothing left of the bytes, for whatever reason.
  func stream(_ blob: GrowingBlob, progress: (Int64) throws -> Void) -> Bool

  /// Writes a blob completely or not at all, and checks it.
  ///
  /// `progress` gets the number of bytes since its last call; when it throws, writing stops with its error.
  func writeBlob(_ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void) throws

  /// Whether each tag, or without any the digest, names this manifest already.
  func hasManifest(_ descriptor: Descriptor, tags: [String]) throws -> Bool

  /// Writes a manifest whose blobs exist, under its digest and each tag.
  func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws

  /// Whether a manifest is listed among the referrers of an image already.
  func hasReferrer(_ descriptor: Descriptor, of image: Descriptor) throws -> Bool

  /// Writes a manifest whose subject is an image, so that it is found by the image's digest.
  func putReferrer(_ bytes: Data, _ descriptor: Descriptor, of image: Descriptor) throws

  /// Reads a manifest back, as a pull would.
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument

  /// Makes everything visible at once, where the destination is a file or folder.
  func finish() throws

  /// Removes everything that was not finished.
  func discard()
}

extension ImageDestination {
  package func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool { false }

  package func stream(_ blob: GrowingBlob, progress: (Int64) throws -> Void) -> Bool { false }

  package func hasManifest(_ descriptor: Descriptor, tags: [String]) throws -> Bool { false }

  package func hasReferrer(_ descriptor: Descriptor, of image: Descriptor) throws -> Bool { false }

  package func putReferrer(_ bytes: Data, _ descriptor: Descriptor, of image: Descriptor) throws {
    try putManifest(bytes, descriptor, tags: [])
  }

  package func finish() throws {}

  package func discard() {}
}
