import SematicOCI

/// How a place is asked for a manifest.
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

/// A place that images are read from: a registry's repository, a layout folder, memory.
package protocol ImageSource: Sendable {
  /// As it stands in messages: `registry.example/team/base`, `oci:/path`.
  var name: String { get }

  /// The place itself, where this is but a cache before it.
  var origin: any ImageSource { get }

  /// The bytes as they are. By digest they are checked against it.
  func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument

  /// Streams a blob in pieces, and throws when its size or digest is not the descriptor's or when anything follows.
  /// The pieces were not checked yet when they arrive: nothing may be made of them before this returns.
  func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws

  /// A sealed file of this machine that holds the blob, where this place keeps such files; else nil. `progress` is told
  /// how many bytes were moved for it since its last call.
  func localFile(for descriptor: Descriptor, progress: (Int64) throws -> Void) throws -> String?
}

extension ImageSource {
  package var origin: any ImageSource { self }

  package func localFile(for descriptor: Descriptor, progress: (Int64) throws -> Void) throws -> String? { nil }
}
