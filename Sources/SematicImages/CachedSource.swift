import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// A source with a cache: a base by digest needs the network only once.
///
/// Manifests and configurations are cached whenever they are read, layers only when they are requested as files. Tags are
/// always looked up at the source, since they can move.
package struct CachedSource: ImageSource {
  package let source: any ImageSource
  package let cache: BlobCache

  package var name: String { source.name }
  package var origin: any ImageSource { source.origin }

  package init(_ source: any ImageSource, cache: BlobCache) {
    self.source = source
    self.cache = cache
  }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    if case .digest(let digest) = identifier, let bytes = try cache.bytes(of: digest),
      let document = try? ManifestDocument(bytes: bytes, mediaType: nil, as: identifier, from: cache.folder)
    {
      return document
    }
    let document = try source.manifest(identifier)
    if case .digest(let digest) = identifier {
      try cache.store(document.bytes, as: digest)
    } else {
      try cache.store(document.bytes, as: document.descriptor.digest)
    }
    return document
  }

  package func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    if let path = try cachedFile(for: descriptor) {
      try BlobContent.file(path).read(descriptor, body)
    } else {
      try source.readBlob(descriptor, body)
    }
  }

  private func cachedFile(for descriptor: Descriptor) throws -> String? {
    let isConfiguration = descriptor.mediaType.openContainers == .configuration
    return isConfiguration && descriptor.size <= ManifestDocument.sizeLimit
      ? try cache.fetch(descriptor, from: source) : try cache.file(for: descriptor)
  }

  package func localContent(of descriptor: Descriptor) throws -> ByteSource? {
    if let path = try cache.file(for: descriptor) { return ByteSource(try InputFile(path)) }
    return try source.localContent(of: descriptor)
  }

  package func localFile(for descriptor: Descriptor, progress: (Int64) throws -> Void) throws -> String? {
    try cache.fetch(descriptor, from: source, progress: progress)
  }
}
