import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// A layout folder that images are read from.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
package struct ImageLayout: ImageSource {
  package let path: String
  package let index: ImageIndex

  package var name: String { "oci:\(path)" }

  /// - Throws: `ImageLayoutError` when the folder is not a layout.
  package init(_ path: String) throws {
    self.path = FileTree.absolute(path)
    do {
      try Self.checkVersion(FileTree.read(self.path + "/oci-layout", limit: 1 << 16), of: self.path)
      let bytes = Data(try FileTree.read(self.path + "/index.json", limit: ManifestDocument.sizeLimit))
      guard case .index(let index) = try ManifestDocument(bytes: bytes, mediaType: .index).content else {
        throw ImageLayoutError.notALayout(self.path, "its index.json is not an image index")
      }
      self.index = index
    } catch let error as FileError where error.isMissing {
      let isThere = FileTree.exists(self.path)
      throw ImageLayoutError.notALayout(
        self.path, isThere ? "it has no \(FileTree.name(of: error.path))" : "it does not exist")
    } catch let error as MalformedValue {
      throw ImageLayoutError.notALayout(self.path, "its index.json is invalid: \(error)")
    }
  }

  private static func checkVersion(_ bytes: [UInt8], of path: String) throws {
    let version = (try? decodeJSON(JSONValue.self, from: Data(bytes)))?["imageLayoutVersion"]?.string
    guard let version, version.hasPrefix("1.") else {
      throw ImageLayoutError.notALayout(path, "its oci-layout does not name version 1")
    }
  }

  /// The identifier of the image with a tag or, without a tag, of the only image.
  /// - Throws: `ImageLayoutError.ambiguous`; `ManifestNotFound`.
  package func identifier(tag: String?) throws -> ManifestIdentifier {
    if let tag { return .digest(try entry(.tag(tag)).digest) }
    let digests = Set(index.manifests.filter { !$0.isArtifact }.map(\.digest))
    guard let only = digests.first else { throw ImageLayoutError.empty(path) }
    guard digests.count == 1 else { throw ImageLayoutError.ambiguous(path, names: names) }
    return .digest(only)
  }

  /// The tags of the images.
  package var names: [String] { index.manifests.compactMap { $0.annotations?[ImageLayout.tagAnnotation] } }

  package static let tagAnnotation = "org.opencontainers.image.ref.name"

  private func entry(_ identifier: ManifestIdentifier) throws -> Descriptor {
    let found: Descriptor? =
      switch identifier {
      case .tag(let tag): index.manifests.last { $0.annotations?[ImageLayout.tagAnnotation] == tag }
      case .digest(let digest): index.manifests.first { $0.digest == digest }
      }
    guard let found else { throw ManifestNotFound(identifier, in: name, names: names) }
    return found
  }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    let digest: Digest
    switch identifier {
    case .tag: digest = try entry(identifier).digest
    case .digest(let wanted): digest = wanted
    }
    let file = Self.blobPath(digest, in: path)
    guard FileTree.exists(file) else {
      guard !index.manifests.contains(where: { $0.digest == digest }) else {
        throw ImageLayoutError.notALayout(path, "it lacks \(digest), which its index.json names")
      }
      throw ManifestNotFound(identifier, in: name, names: names)
    }
    let bytes = Data(try FileTree.read(file, limit: ManifestDocument.sizeLimit))
    return try ManifestDocument(bytes: bytes, mediaType: nil, as: .digest(digest), from: name)
  }

  /// The digests of all blobs of an image; nil where a manifest is damaged.
  func blobs(of digest: Digest, depth: Int = 1) -> Set<Digest>? {
    guard depth <= 4, let document = try? manifest(.digest(digest)) else { return nil }
    switch document.content {
    case .manifest(let manifest): return Set([digest, manifest.config.digest] + manifest.layers.map(\.digest))
    case .index(let index):
      var all: Set = [digest]
      for entry in index.manifests {
        guard let blobs = blobs(of: entry.digest, depth: depth + 1) else { return nil }
        all.formUnion(blobs)
      }
      return all
    }
  }

  /// The image that the manifest of an entry is about.
  func subject(of entry: Descriptor) -> Digest? {
    guard case .manifest(let manifest) = try? manifest(.digest(entry.digest)).content else { return nil }
    return manifest.subject?.digest
  }

  package func referrers(of image: Digest, type: MediaType) -> [Descriptor] {
    index.manifests.filter { $0.artifactType == type.rawValue && subject(of: $0) == image }
  }

  package func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let file = Self.blobPath(descriptor.digest, in: path)
    guard let status = try FileStatus.ifPresent(file), status.kind == .file else {
      throw ImageLayoutError.missingBlob(path, descriptor.digest)
    }
    let verifier = try BlobVerifier(descriptor, from: name)
    try InputFile(file).forEachChunk { piece in
      try verifier.update(piece)
      try body(piece)
    }
    try verifier.finish()
  }

  package func localContent(of descriptor: Descriptor) throws -> ByteSource? {
    try readBlob(descriptor) { _ in }
    return ByteSource(try InputFile(Self.blobPath(descriptor.digest, in: path)))
  }

  static func blobPath(_ digest: Digest, in layout: String) -> String {
    "\(layout)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)"
  }
}
