import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// Where the images of a call go.
enum Destination {
  case disk(ImageFormat, [DiskPlace], thin: Bool)
  case registry
  case runtime(ContainerLoad)
  /// There are none.
  case none
}

/// Brings the built images of one repository to a layout, an archive, a registry or a container runtime; on disk all of them
/// or none.
struct Delivery {
  let inputs: PipelineInputs

  private var pipeline: PipelineConfiguration { inputs.pipeline }
  private var session: Session { inputs.session }

  func save(_ images: [BuiltImage], to place: DiskPlace, as format: ImageFormat, thin: Bool) throws {
    let report = ProgressReport(inputs.console, verb: "writing")
    // Programs that load an archive want it to hold one image and nothing else.
    if format != .oci { warnOfAttachments(images, format.rawValue) }
    let publications = try session.timings.measure("write") {
      try publish(requests(images, attaching: format == .oci), to: place.destination, leavingOutBase: thin) {
        report.report($0)
      }
    }
    for (image, publication) in zip(images, publications) {
      let reference = format.reference(path: place.path, repository: imageName, tag: publication.tags.first)
      try session.delivered(Metadata.Image(image, reference: reference, publication))
    }
  }

  /// Builds the images and pushes them, to a registry elsewhere layer by layer while they are built.
  func buildAndPush(to place: PushPlace) throws {
    let report = ProgressReport(inputs.console, verb: "sending")
    // A push without tags leaves none by which the next one could tell that the registry has layers: see `stream`.
    let hasTags = pipeline.bases.contains { !pipeline.imageTags(for: $0.tag).isEmpty }
    let early =
      place.isElsewhere ? EarlyLayers(to: place.destination, streams: hasTags) { report.report($0) } : nil
    inputs.session.signals?.setCleanup { early?.abandon() }
    defer {
      early?.end()
      inputs.session.signals?.setCleanup(nil)
    }
    var earlier: [PublishedBlobs] = []
    try push(Building(inputs: inputs, early: early).images(), to: place, &earlier, after: early)
  }

  /// - Parameters:
  ///   - earlier: what was pushed before; what is pushed now is added.
  ///   - early: the layers that are on their way already.
  func push(
    _ images: [BuiltImage], to place: PushPlace, _ earlier: inout [PublishedBlobs], after early: EarlyLayers? = nil
  ) throws {
    let report = ProgressReport(inputs.console, verb: "sending")
    inputs.console.detail("pushing to \(place.name)")
    let publications = try session.timings.measure("push") {
      try publish(
        requests(images, attaching: true), to: place.destination, earlier: earlier, after: early,
        progress: { report.report($0) }
      ) { number, publication in
        inputs.console.say("pushed \(place.name), \(ByteCount(publication.bytesSent)) sent")
        if place.endsWithProcess, session.command.printsReferences, session.images.isEmpty {
          inputs.console.say("to pull it, serve the embedded registry: `\(Invocation.remedy("registry", inputs))`")
        }
        try session.delivered(
          Metadata.Image(
            images[number], reference: "\(place.name)@\(publication.digest)", publication,
            bytesPushed: publication.bytesSent))
      }
    }
    if let registry = place.destination as? Registry { earlier.append(PublishedBlobs(registry, publications)) }
  }

  /// The same references without a push, and a warning for those that the registry does not have.
  func compare(_ images: [BuiltImage], with place: PushPlace) throws {
    for image in images {
      if try !place.has(image.digest) {
        inputs.console.warn(
          "\(place.name) does not have \(image.digest) yet; `\(Invocation.remedy("push", inputs))` pushes it")
      }
      try session.delivered(Metadata.Image(image, reference: "\(place.name)@\(image.digest)", nil))
    }
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
  init(_ built: BuiltImage, reference: String, _ publication: Publication?, bytesPushed: Int64 = 0) {
    (tag, pipeline, self.reference, self.bytesPushed) = (built.base.tag, built.pipeline.name, reference, bytesPushed)
    var outcomes: [Digest: JSONValue] = [:]
    for blob in publication?.blobs ?? [] { outcomes[blob.descriptor.digest] = .string(blob.outcome.rawValue) }
    func text(_ digest: Digest) -> JSONValue { .string(digest.description) }
    var document: [String: JSONValue] = [
      "tag": .string(tag), "pipeline": .string(pipeline), "reference": .string(reference), "digest": text(built.digest),
      "base": .string(built.base.written), "imageTags": .strings(built.pipeline.imageTags(for: tag)),
      // With an index, all platforms.
      "platform": .string(built.platforms.map(\.platform.description).joined(separator: ",")),
      "bytesPushed": .integer(bytesPushed),
    ]
    // The bytes of the configuration, the manifest and all layers; with an index, those of all platforms.
    var size = built.index?.descriptor.size ?? 0
    var layers: [JSONValue] = []
    var seen: Set<Digest> = []
    for one in built.platforms {
      size = size.addingClamped(one.encoded.configurationDescriptor.size)
        .addingClamped(one.encoded.manifestDescriptor.size)
      for layer in one.image.layers where built.index == nil || seen.insert(layer.descriptor.digest).inserted {
        size = size.addingClamped(layer.descriptor.size)
        var entry: [String: JSONValue] = [
          "digest": text(layer.descriptor.digest), "diffID": text(layer.diffID),
          // Compressed.
          "size": .integer(layer.descriptor.size), "createdBy": .string(layer.createdBy ?? "base"),
        ]
        // present, mounted, written or leftOut; nothing where nothing was published.
        entry["outcome"] = outcomes[layer.descriptor.digest]
        layers.append(.object(entry))
      }
    }
    document["size"] = .integer(size)
    document["layers"] = .array(layers)
    if built.index != nil {
      document["platforms"] = .array(
        built.platforms.map { one in
          .object([
            "platform": .string(one.platform.description), "digest": text(one.encoded.manifestDescriptor.digest),
            "layers": .array(one.image.layers.map { text($0.descriptor.digest) }),
          ])
        })
    }
    if let attached = publication?.attachments, !attached.isEmpty {
      document["attachments"] = .array(
        attached.map { document in
          .object([
            "digest": text(document.descriptor.digest), "type": .string(document.descriptor.artifactType ?? ""),
            // The manifest that it is about.
            "subject": text(document.subject),
          ])
        })
    }
    self.document = .object(document)
  }
}
