import Foundation
import SematicArchive
import SematicFiles
import SematicImages
import SematicOCI

/// Images of small, valid layers that nobody has seen before.
package enum RandomImage {
  private static let random = Guarded(SeededRandom(of: "RandomImage"))

  /// A gzip-compressed tar archive with one file of random bytes, whose path is `name`.
  package static func layer(_ name: String, size: Int = 5_000) throws -> (bytes: Data, diffID: Digest) {
    var content: [UInt8] = []
    while content.count < size {
      withUnsafeBytes(of: random.withLock { $0.next() }) { content.append(contentsOf: $0) }
    }
    content.removeLast(content.count - size)
    var tarBytes = Data()
    let tar = TarWriter { tarBytes.append(contentsOf: $0) }
    try tar.add(.file(name, size: Int64(size)), content: content)
    try tar.finish()
    var bytes = Data()
    let gzip = try CompressedWriter(Compressor()) { bytes.append(contentsOf: $0) }
    try tarBytes.withUnsafeBytes { try gzip.write($0) }
    try gzip.finish()
    return (bytes, try Digest.of(tarBytes))
  }

  /// A base image in a place in memory, under a tag.
  package static func base(
    in store: MemoryStore, layers: Int = 3, size: Int = 5_000, tag: String = "latest",
    platform: Platform = Platform(architecture: "amd64"), change: (inout Manifest) -> Void = { _ in }
  ) throws -> Image {
    var added: [Layer] = []
    for number in 0..<layers {
      let (bytes, diffID) = try layer("base-\(number)", size: size)
      let descriptor = try Descriptor(of: bytes, mediaType: .layerGzip)
      store.put(bytes, as: descriptor.digest)
      added.append(Layer(descriptor: descriptor, diffID: diffID, content: .base, createdBy: "base"))
    }
    let image = Image.scratch(platform).appending(added)
    let encoded = try image.encoded()
    store.put(encoded.configuration, as: encoded.configurationDescriptor.digest)
    var manifest = Manifest(config: encoded.configurationDescriptor, layers: added.map(\.descriptor))
    change(&manifest)
    store.put(try ManifestDocument(bytes: try canonicalJSON(manifest), mediaType: nil), tag: tag)
    return image
  }

  /// The image with layers of our own above it, in files of `folder`.
  package static func appending(
    _ count: Int, to image: Image, in folder: TemporaryFolder, size: Int = 5_000
  ) throws -> Image {
    try image.appending(
      (0..<count).map { number in
        let (bytes, diffID) = try layer("ours-\(number)", size: size)
        let descriptor = try Descriptor(of: bytes, mediaType: .layerGzip)
        let path = folder.file("layers/\(descriptor.digest.hex)")
        try AtomicFile.write(bytes, to: path)
        return Layer(descriptor: descriptor, diffID: diffID, content: .file(path), createdBy: "ours")
      })
  }
}
