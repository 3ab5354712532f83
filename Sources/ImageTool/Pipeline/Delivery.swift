import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// Brings built images to a layout, an archive or a registry; on disk all of them or none.
struct Delivery {
  let inputs: PipelineInputs

  private var pipeline: PipelineConfiguration { inputs.pipeline }

  /// Where images go if no other place is given: a folder below .build.
  func outputPath(_ path: String?) -> String {
    path.map { FileTree.absolute($0) } ?? "\(inputs.state.images)/\(FileTree.name(of: pipeline.repository))"
  }

  /// The place of an image on disk.
  /// - Throws: when something is there that must not be replaced.
  func destination(_ format: ImageFormat, _ path: String) throws -> any ImageDestination {
    try format.destination(path, repository: imageName)
  }

  func save(
    _ images: [BuiltImage], to destination: any ImageDestination, as format: ImageFormat, at path: String, thin: Bool
  ) throws -> Metadata {
    let report = ProgressReport(inputs.console, verb: "writing")
    // Programs that load an archive want it to hold one image and nothing else.
    if format != .oci { warnOfAttachments(images, format.rawValue) }
    let publications = try inputs.session.timings.measure("write") {
      try publish(requests(images, attaching: format == .oci), to: destination, leavingOutBase: thin) {
        report.report($0)
      }
    }
    return Metadata(
      images: zip(images, publications).map { image, publication in
        let reference = format.reference(path: path, repository: imageName, tag: publication.tags.first)
        return Metadata.Image(image, reference: reference, publication)
      })
  }

  /// Builds the images and pushes them, to a registry elsewhere layer by layer while the next ones are built.
  func buildAndPush(to place: PushPlace) throws -> Metadata {
    let report = ProgressReport(inputs.console, verb: "sending")
    let early = place.isElsewhere ? EarlyLayers(to: place.destination) { report.report($0) } : nil
    defer { early?.end() }
    var earlier: [PublishedBlobs] = []
    return try push(Building(inputs: inputs, early: early).images(), to: place, &earlier, after: early)
  }

  /// - Parameters:
  ///   - earlier: what was pushed before; what is pushed now is added.
  ///   - early: the layers that are on their way already.
  func push(
    _ images: [BuiltImage], to place: PushPlace, _ earlier: inout [PublishedBlobs], after early: EarlyLayers? = nil
  ) throws -> Metadata {
    let report = ProgressReport(inputs.console, verb: "sending")
    inputs.console.detail("pushing to \(place.name)")
    let publications = try inputs.session.timings.measure("push") {
      try publish(requests(images, attaching: true), to: place.destination, earlier: earlier, after: early) {
        report.report($0)
      }
    }
    if let registry = place.destination as? Registry { earlier.append(PublishedBlobs(registry, publications)) }
    let sent = publications.reduce(0) { $0 + $1.bytesSent }
    inputs.console.say("pushed \(place.name), \(ByteCount(sent)) sent")
    return Metadata(
      images: zip(images, publications).map { image, publication in
        var entry = Metadata.Image(
          image, reference: "\(place.name)@\(publication.digest)", publication)
        entry.bytesPushed = publication.bytesSent
        return entry
      })
  }

  /// The same references without a push, and a warning for those that the registry does not have.
  func compare(_ images: [BuiltImage], with place: PushPlace) throws -> Metadata {
    for image in images {
      if try !place.has(image.digest) {
        inputs.console.warn(
          "\(place.name) does not have \(image.digest) yet; `\(Invocation.remedy("push", inputs))` pushes it")
      }
    }
    return Metadata(
      images: images.map { image in
        Metadata.Image(image, reference: "\(place.name)@\(image.digest)", nil)
      })
  }

  /// - Parameter place: one that stores nothing beside an image.
  func warnOfAttachments(_ images: [BuiltImage], _ place: String) {
    guard images.contains(where: { $0.platforms.contains { !$0.attachments.isEmpty } }) else { return }
    inputs.console.warn("\(place) has no place for sbom and provenance; a push, or --format oci, stores them")
  }

  func requests(_ images: [BuiltImage], attaching: Bool = false) -> [PublishRequest] {
    images.map { image in
      PublishRequest(
        image.platforms.map { .init($0.image, base: $0.source, attachments: attaching ? $0.attachments : []) },
        index: image.index, tags: image.pipeline.imageTags(for: image.base.tag))
    }
  }

  /// The name that programs know the image by when they load it from disk.
  var imageName: String {
    switch pipeline.registry {
    case .local: "localhost/\(pipeline.repository)"
    case .remote(let host): "\(host)/\(pipeline.repository)"
    }
  }
}

extension Metadata.Image {
  init(_ built: BuiltImage, reference: String, _ publication: Publication?) {
    let pipeline = built.pipeline
    let outcomes = Dictionary((publication?.blobs ?? []).map { ($0.descriptor.digest, $0.outcome) }) { $1 }
    tag = built.base.tag
    self.pipeline = pipeline.name
    self.reference = reference
    digest = built.digest
    base = built.base.written
    platform = built.platforms.map(\.platform.description).joined(separator: ",")
    imageTags = pipeline.imageTags(for: tag)
    var seen: Set<Digest> = []
    func entries(_ layers: [Layer]) -> [Metadata.Layer] {
      layers.map { layer in
        Metadata.Layer(
          digest: layer.descriptor.digest, diffID: layer.diffID, size: layer.descriptor.size,
          createdBy: layer.createdBy ?? "base", outcome: outcomes[layer.descriptor.digest]?.rawValue)
      }
    }
    let isIndex = built.index != nil
    layers = entries(
      built.platforms.flatMap(\.image.layers).filter { !isIndex || seen.insert($0.descriptor.digest).inserted })
    let documents = built.platforms.flatMap { [$0.encoded.configurationDescriptor, $0.encoded.manifestDescriptor] }
    size = (layers.map(\.size) + (documents + [built.index?.descriptor].compactMap { $0 }).map(\.size))
      .reduce(0) { $0.addingClamped($1) }
    platforms =
      built.index == nil
      ? nil
      : built.platforms.map { one in
        Metadata.Platform(
          platform: one.platform.description, digest: one.encoded.manifestDescriptor.digest,
          layers: one.image.layers.map(\.descriptor.digest))
      }
    bytesPushed = 0
    let attached = (publication?.attachments ?? []).map {
      Metadata.Attachment(digest: $0.descriptor.digest, type: $0.descriptor.artifactType ?? "", subject: $0.subject)
    }
    attachments = attached.isEmpty ? nil : attached
  }
}
