import SematicOCI
import SematicSystem

/// The index.json of a layout that is written, with its manifests.
struct ImageLayoutIndex {
  /// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#oci-layout-file
  static let versionFile = Data(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

  /// `registry/repository`, by which podman and docker load the image.
  let repository: String?
  private(set) var entries: [Descriptor] = []
  private(set) var manifests: [Digest: ManifestDocument] = [:]

  private static let nameAnnotation = "io.containerd.image.name"

  init(repository: String? = nil) { self.repository = repository }

  /// Adds one entry for each tag, and moves existing tags.
  mutating func put(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {
    let document = try ManifestDocument(bytes: bytes, mediaType: descriptor.mediaType)
    manifests[descriptor.digest] = document
    if case .index(let index) = document.content {
      // An index stands for its images: they have no entries of their own.
      let own = Set(index.manifests.map(\.digest))
      entries.removeAll { own.contains($0.digest) && $0.annotations == nil }
    }
    var entry = descriptor
    entry.annotations = nil
    guard !tags.isEmpty else {
      if !entries.contains(where: { $0.digest == entry.digest }) { entries.append(entry) }
      return
    }
    for tag in tags {
      entries.removeAll { $0.annotations?[ImageLayout.tagAnnotation] == tag }
      entry.annotations = [ImageLayout.tagAnnotation: tag]
      entry.annotations?[Self.nameAnnotation] = repository.map { "\($0):\(tag)" }
      entries.append(entry)
    }
  }

  /// The entries of another index that stay beside these.
  ///
  /// Those of the same tag go, and those without a tag where one of these has none. What refers to an image goes with it.
  /// - Parameter layout: where the other index is.
  func remaining(of others: [Descriptor], in layout: ImageLayout) -> [Descriptor] {
    let tags = Set(entries.filter { !$0.isArtifact }.map { $0.annotations?[ImageLayout.tagAnnotation] })
    let images = others.filter { !$0.isArtifact && !tags.contains($0.annotations?[ImageLayout.tagAnnotation]) }
    // With the images of an index.
    let digests = images.reduce(into: Set<Digest>()) { $0.formUnion(layout.blobs(of: $1.digest) ?? []) }
    let own = Set(entries.map(\.digest))
    return others.filter { entry in
      guard entry.isArtifact else { return images.contains(entry) }
      return !own.contains(entry.digest) && layout.subject(of: entry).map(digests.contains) ?? true
    }
  }

  /// Adds entries before all others.
  mutating func keep(_ others: [Descriptor]) { entries = others + entries }

  func manifest(_ identifier: ManifestIdentifier, in place: String) throws -> ManifestDocument {
    let digest: Digest? =
      switch identifier {
      case .digest(let digest): digest
      case .tag(let tag): entries.first { $0.annotations?[ImageLayout.tagAnnotation] == tag }?.digest
      }
    guard let digest, let document = manifests[digest] else { throw ManifestNotFound(identifier, in: place) }
    return document
  }

  func encoded() throws -> Data { try canonicalJSON(ImageIndex(manifests: entries)) }
}

extension Descriptor {
  /// Whether it names something that is stored beside images.
  var isArtifact: Bool { artifactType != nil }
}
