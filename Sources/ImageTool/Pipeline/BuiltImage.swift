import SematicConfiguration
import SematicImages
import SematicOCI

/// An image for one platform, with its layers in the cache.
final class PlatformImage: Sendable {
  let image: Image
  /// Where the base's layers are; nil for `scratch`.
  let source: (any ImageSource)?
  let encoded: Image.Encoded
  /// What is stored beside it, about it.
  let attachments: [AttachedDocument]

  init(
    _ image: Image, source: (any ImageSource)?, encoded: Image.Encoded, attachments: [AttachedDocument]
  ) {
    (self.image, self.source, self.encoded, self.attachments) = (image, source, encoded, attachments)
  }

  var platform: Platform { image.configuration.platform }
}

/// The image on one base that is ready to be delivered: for one platform, or one for each below an index.
final class BuiltImage: Sendable {
  let pipeline: PipelineConfiguration
  let base: BaseReference
  let platforms: [PlatformImage]
  /// Nil for one platform.
  let index: ImageIndex.Encoded?

  /// The digest that the image is known by: the index's, or that of the only manifest.
  let digest: Digest

  /// - Returns: nil without a platform.
  init?(of pipeline: PipelineConfiguration, on base: BaseReference, _ platforms: [PlatformImage]) throws {
    guard let first = platforms.first else { return nil }
    (self.pipeline, self.base, self.platforms) = (pipeline, base, platforms)
    index =
      platforms.count == 1
      ? nil : try ImageIndex(of: platforms.map(\.image), annotations: pipeline.annotations).encoded()
    digest = index?.descriptor.digest ?? first.encoded.manifestDescriptor.digest
  }
}
