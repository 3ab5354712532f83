import SematicArchive
import SematicOCI

/// The tag or digest of a manifest.
package enum ManifestIdentifier: Hashable, Sendable, CustomStringConvertible {
  case tag(String)
  case digest(Digest)

  package var description: String {
    switch self {
    case .tag(let tag): tag
    case .digest(let digest): digest.description
    }
  }
}

/// A source of images: a repository, a layout, an archive, memory.
///
/// The members with default implementations are optional abilities.
package protocol ImageSource: Sendable {
  /// The name for messages: `registry.example/team/base`, `oci:/path`.
  var name: String { get }

  /// Reads a manifest; one that is asked for by digest is checked against it.
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument

  /// Streams a blob in pieces, and throws when its size or digest is wrong.
  ///
  /// The pieces are not checked yet when they arrive: they must not be used before this returns.
  func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws

  /// The source itself, where this is a cache in front of it.
  var origin: any ImageSource { get }

  /// The checked content of a blob on this machine; nil where it is not.
  func localContent(of descriptor: Descriptor) throws -> ByteSource?

  /// A sealed file with the blob, fetched where necessary; nil for sources that keep no such files. `progress` gets the
  /// number of bytes that were moved since its last call.
  func localFile(for descriptor: Descriptor, progress: (Int64) throws -> Void) throws -> String?
}

extension ImageSource {
  package var origin: any ImageSource { self }

  package func localContent(of descriptor: Descriptor) throws -> ByteSource? { nil }

  package func localFile(for descriptor: Descriptor, progress: (Int64) throws -> Void) throws -> String? { nil }
}
