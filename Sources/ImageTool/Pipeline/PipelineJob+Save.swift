import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

extension PipelineJob {
  /// Where an image goes that nobody named a place for: below .build.
  func outputPath(_ path: String?) -> String {
    path.map { FileTree.absolute($0) } ?? "\(workspace.images)/\(FileTree.name(of: pipeline.repository))"
  }

  /// Writes the images to disk, all of them or none.
  func save(_ images: [BuiltImage], as format: ImageFormat, to path: String, thin: Bool) throws -> Metadata {
    let destination = try format.destination(path, repository: imageName)
    let requests = images.map {
      PublishRequest($0.image, base: $0.source, tags: pipeline.imageTags(for: $0.base.tag))
    }
    let report = ProgressReport(console, verb: "writing")
    let publications = try session.timings.measure("write") {
      try publish(requests, to: destination, leavingOutBase: thin) { report.report($0) }
    }
    return Metadata(
      images: zip(images, publications).map { image, publication in
        metadata(
          of: image, publication,
          reference: format.reference(path: path, repository: imageName, tag: publication.tags.first ?? ""), sent: 0)
      }, timings: [:])
  }

  /// What programs that load the image from disk call it.
  private var imageName: String {
    switch pipeline.registry {
    case .local: "localhost/\(pipeline.repository)"
    case .remote(let host): "\(host)/\(pipeline.repository)"
    }
  }

  func metadata(
    of image: BuiltImage, _ publication: Publication?, reference: String, sent: Int64
  ) -> Metadata.Image {
    let outcomes = Dictionary((publication?.blobs ?? []).map { ($0.descriptor.digest, $0.outcome) }) { $1 }
    let layers = image.image.layers.map { layer in
      Metadata.Layer(
        digest: layer.descriptor.digest, diffID: layer.diffID, size: layer.descriptor.size,
        createdBy: layer.createdBy ?? "base", outcome: outcomes[layer.descriptor.digest]?.rawValue)
    }
    let encoded = image.encoded
    let size = layers.reduce(encoded.configurationDescriptor.size + encoded.manifestDescriptor.size) { $0 + $1.size }
    return Metadata.Image(
      tag: image.base.tag, pipeline: pipeline.name, reference: reference, digest: encoded.manifestDescriptor.digest,
      base: image.base.written, platform: image.image.configuration.platform.description, size: size,
      imageTags: pipeline.imageTags(for: image.base.tag), layers: layers, bytesPushed: sent)
  }
}
