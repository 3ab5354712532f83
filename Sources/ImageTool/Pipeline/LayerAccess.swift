import SematicArchive
import SematicCheck
import SematicFiles
import SematicImages
import SematicOCI

/// Reads an image's layers where they are, and fetches those that are nowhere on this machine.
struct LayerAccess {
  /// The place of the layers that are not files of this machine.
  let source: (any ImageSource)?
  /// Where layers may be already, and where fetched ones are kept.
  let blobs: BlobCache
  /// Where fetched ones are kept instead, for as long as they are of use.
  var fetched: BlobCache?
  /// Where listings of layers are kept.
  let listings: ListingCache?
  /// Whether layers may be fetched at all.
  var fetching = true
  var progress: (Descriptor) -> Void = { _ in }

  /// The files of an image. No layer is read before it is needed.
  func tree(of image: Image) throws -> ImageTree {
    let contents = Dictionary(image.layers.map { ($0.descriptor.digest, $0.content) }) { first, _ in first }
    return try ImageTree(layers: image.layers.map(\.descriptor), cache: listings) { layer in
      if case .file(let path) = contents[layer.digest] { return ByteSource(try InputFile(path)) }
      return try open(layer)
    }
  }

  private func open(_ layer: Descriptor) throws -> ByteSource {
    if let path = try blobs.file(for: layer) { return ByteSource(try InputFile(path)) }
    guard let source else { throw UnreadableLayer(digest: layer.digest, reason: "its place is not known") }
    if let place = source.origin as? any BlobFiles { return try place.open(layer) }
    guard fetching else { throw UnreadableLayer(digest: layer.digest, reason: "it is not on this machine") }
    let place = fetched ?? blobs
    if try place.file(for: layer) == nil { progress(layer) }
    return ByteSource(try InputFile(try place.fetch(layer, from: source)))
  }
}
