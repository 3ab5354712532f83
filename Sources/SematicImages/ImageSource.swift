import SematicArchive
import SematicOCI
import SematicSystem

/// The tag or digest of a manifest.
package enum ManifestIdentifier: Equatable, Sendable, CustomStringConvertible {
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

  /// The manifests whose subject is an image, by their descriptors.
  /// - Parameter type: their artifact type.
  func referrers(of image: Digest, type: MediaType) throws -> [Descriptor]

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

  package func referrers(of image: Digest, type: MediaType) throws -> [Descriptor] { [] }

  package func localContent(of descriptor: Descriptor) throws -> ByteSource? { nil }

  package func localFile(for descriptor: Descriptor, progress: (Int64) throws -> Void) throws -> String? { nil }
}

extension ImageSource {
  /// The documents of a type that are stored beside an image, about it: the newest first, as their annotations say, and
  /// those of the same time, or without one, by their digests.
  ///
  /// https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md#pre-defined-annotation-keys
  /// - Throws: whatever the source throws.
  package func attachments(to image: Digest, type: MediaType) throws -> [Descriptor] {
    let found: [(time: CreationTime, blob: Descriptor)] = try referrers(of: image, type: type).compactMap {
      descriptor in
      guard case .manifest(let manifest) = try manifest(.digest(descriptor.digest)).content,
        manifest.subject?.digest == image, manifest.artifactType == type.rawValue,
        let blob = manifest.layers.first(where: { $0.mediaType == type })
      else { return nil }
      let time = manifest.annotations?["org.opencontainers.image.created"].flatMap { CreationTime($0) }
      return (time ?? .fixed, blob)
    }
    return found.sorted {
      $0.time != $1.time ? $0.time > $1.time : $0.blob.digest.description < $1.blob.digest.description
    }.map(\.blob)
  }
}
