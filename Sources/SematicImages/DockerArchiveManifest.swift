import SematicOCI
import SematicSystem

/// The manifest.json of an archive for `docker load`.
///
/// https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format
/// Its paths can be arbitrary, and layers can be compressed: so they are the layout's, and each blob is stored once.
enum DockerArchiveManifest {
  private struct Entry: Codable {
    var config: String
    var repoTags: [String]?
    var layers: [String]

    enum CodingKeys: String, CodingKey {
      case config = "Config"
      case repoTags = "RepoTags"
      case layers = "Layers"
    }
  }

  static func encoded(_ index: ImageLayoutIndex, blobs: Set<Digest>) throws -> Data {
    var entries: [(digest: Digest, entry: Entry)] = []
    for descriptor in index.entries {
      let tag = descriptor.annotations?[ImageLayout.tagAnnotation]
      let name = tag.flatMap { tag in index.repository.map { "\($0):\(tag)" } }
      if let position = entries.firstIndex(where: { $0.digest == descriptor.digest }) {
        entries[position].entry.repoTags = (entries[position].entry.repoTags ?? []) + (name.map { [$0] } ?? [])
        continue
      }
      guard case .manifest(let manifest) = index.manifests[descriptor.digest]?.content else {
        throw ImageArchiveError.severalPlatforms
      }
      if let missing = manifest.layers.first(where: { !blobs.contains($0.digest) }) {
        throw ImageArchiveError.incomplete(missing.digest)
      }
      if let layer = manifest.layers.first(where: { $0.mediaType == .layerZstd }) {
        throw ImageArchiveError.compression(layer.digest)
      }
      entries.append(
        (
          descriptor.digest,
          Entry(
            config: path(manifest.config.digest), repoTags: name.map { [$0] } ?? [],
            layers: manifest.layers.map { path($0.digest) })
        ))
    }
    return try canonicalJSON(entries.map(\.entry))
  }

  struct SavedImage {
    let configuration: String
    let names: [String]
    let layers: [String]
  }

  /// - Parameter archive: the path of the archive, for messages.
  static func decoded(_ bytes: Data, of archive: String) throws -> [SavedImage] {
    guard let entries = try? decodeJSON([Entry].self, from: bytes) else {
      throw ImageArchiveError.malformed(archive, "its manifest.json is not a list of Config, RepoTags and Layers")
    }
    return entries.map { SavedImage(configuration: $0.config, names: $0.repoTags ?? [], layers: $0.layers) }
  }

  private static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }
}

/// An archive of images that cannot be written or read.
package enum ImageArchiveError: ExplainedError, Equatable, Sendable {
  /// A layer is left out, which docker-archive does not support.
  case incomplete(Digest)
  /// A layer is compressed with zstd, which `docker load` does not support.
  case compression(Digest)
  /// An index, which docker-archive does not support.
  case severalPlatforms
  case malformed(String, String)
  case ambiguous(String, names: [String])

  package var description: String {
    switch self {
    case .incomplete(let digest): "a docker-archive cannot omit the layer \(digest)"
    case .compression(let digest): "a docker-archive cannot contain the layer \(digest), which is compressed with zstd"
    case .severalPlatforms:
      "a docker-archive can hold an image for one platform alone: its manifest.json names no platforms"
    case .malformed(let path, let reason): "\(path) is not an image archive: \(reason)"
    case .ambiguous(let path, let names):
      names.isEmpty
        ? "\(path) does not contain exactly one image" : "\(path) contains several images, and none was named"
    }
  }

  package var hint: String? {
    switch self {
    case .incomplete: "write the whole image, or use the format oci or oci-archive"
    case .compression:
      "use the format oci or oci-archive, or `--compression gzip` if the layer is not the base's"
    case .severalPlatforms: "use the format oci or oci-archive, or name one platform with `--platform`"
    case .malformed: nil
    case .ambiguous(let path, let names):
      names.isEmpty ? nil : "name one of them: \(names.map { "\(path):\($0)" }.joined(separator: ", "))"
    }
  }
}
