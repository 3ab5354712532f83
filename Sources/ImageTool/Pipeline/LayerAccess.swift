import SematicArchive
import SematicCheck
import SematicFiles
import SematicImages
import SematicOCI

/// The layers of an image, fetched where they are not on this machine.
struct LayerAccess {
  /// The source of the layers that are not files of this machine.
  let source: (any ImageSource)?
  /// The cache that may have layers, and that keeps fetched ones.
  let blobs: BlobCache
  /// A cache that keeps fetched layers instead.
  var fetched: BlobCache?
  /// The cache of listings of layers.
  let listings: ListingCache?
  /// Whether layers may be fetched.
  var fetching = true
  var progress: (Descriptor) -> Void = { _ in }

  /// The files of an image. A layer is read only when it is needed.
  func tree(of image: Image) throws -> ImageTree {
    let contents = Dictionary(image.layers.map { ($0.descriptor.digest, $0.content) }) { first, _ in first }
    return try ImageTree(layers: image.layers.map(\.descriptor), cache: listings) { layer in
      if case .file(let path) = contents[layer.digest] { return ByteSource(try InputFile(path)) }
      return try open(layer)
    }
  }

  private func open(_ layer: Descriptor) throws -> ByteSource {
    if let path = try blobs.file(for: layer) { return ByteSource(try InputFile(path)) }
    guard let source else { throw UnreadableLayer(digest: layer.digest, reason: "its source is not known") }
    if let content = try source.localContent(of: layer) { return content }
    guard fetching else { throw UnreadableLayer(digest: layer.digest, reason: "it is not on this machine") }
    let cache = fetched ?? blobs
    if try cache.file(for: layer) == nil { progress(layer) }
    return ByteSource(try InputFile(try cache.fetch(layer, from: source)))
  }
}

extension PipelineInputs {
  /// The layers of a base as far as they are on this machine.
  func localLayers(of base: OpenedBase) throws -> LayerAccess {
    let listings = options.dryRun ? nil : ListingCache(state.listings)
    return LayerAccess(source: base.source, blobs: BlobCache(state.blobs), listings: listings, fetching: false)
  }

  var basePython: BasePython { BasePython(state: state, console: console) }
}
