import SematicOCI
import SematicSystem

/// An image to publish, or one for each platform with their index.
package struct PublishRequest: Sendable {
  /// An image, and the source of its base's layers.
  package struct Part: Sendable {
    package let image: Image
    package let base: (any ImageSource)?
    /// What is stored beside the image, about it.
    package let attachments: [AttachedDocument]
    /// Where the layers above the base's are that are no files of this machine: those of an image that was built before.
    private let own: (source: any ImageSource, count: Int)?

    package init(
      _ image: Image, base: (any ImageSource)?, own: (source: any ImageSource, count: Int)? = nil,
      attachments: [AttachedDocument] = []
    ) {
      self.image = image
      self.base = base
      self.own = own
      self.attachments = attachments
    }

    /// The source of a layer that is no file.
    fileprivate func source(ofLayer index: Int) -> (any ImageSource)? {
      guard let own, index >= image.layers.count - own.count else { return base }
      return own.source
    }
  }

  package let parts: [Part]
  /// The index that gets the tags; nil for a single image, which gets them itself.
  package let index: ImageIndex.Encoded?
  package let tags: [String]

  package init(_ parts: [Part], index: ImageIndex.Encoded?, tags: [String]) {
    self.parts = parts
    self.index = index
    self.tags = tags
  }

  package init(_ image: Image, base: (any ImageSource)?, tags: [String], attachments: [AttachedDocument] = []) {
    self.init([Part(image, base: base, attachments: attachments)], index: nil, tags: tags)
  }
}

/// Blobs that were published before, in another repository of the same registry perhaps: they are mounted from there.
package struct PublishedBlobs: Sendable {
  package let source: any ImageSource
  package let digests: Set<Digest>

  package init(_ source: any ImageSource, _ publications: [Publication]) {
    self.source = source
    digests = Set(publications.flatMap(\.blobs).filter { $0.outcome != .leftOut }.map(\.descriptor.digest))
  }
}

/// Publishes an image, and reads its manifest back.
/// - Parameters:
///   - leavingOutBase: omits the base's layers; the image is complete only together with them.
///   - parallel: the number of layers that are transferred at a time.
///   - progress: called from several threads, one call at a time.
package func publish(
  _ image: Image, base: (any ImageSource)?, to destination: any ImageDestination, tags: [String],
  leavingOutBase: Bool = false, parallel: Int = 4, progress: @escaping @Sendable (PublishProgress) -> Void = { _ in }
) throws -> Publication {
  let publication = try publish(
    [PublishRequest(image, base: base, tags: tags)], to: destination, leavingOutBase: leavingOutBase,
    parallel: parallel, progress: progress
  ).first
  guard let publication else { throw PublishError.nothing }
  return publication
}

/// Publishes several images: all or, where that is supported, none.
/// - Parameters:
///   - earlier: what was published elsewhere before.
///   - early: the layers that were handed over before, to the same destination; none of its transfers outlives the call,
///     and its progress is told instead of this one's.
///   - published: called for each image, by its number: at a registry it is there whatever becomes of the next ones.
package func publish(
  _ requests: [PublishRequest], to destination: any ImageDestination, earlier: [PublishedBlobs] = [],
  after early: EarlyLayers? = nil, leavingOutBase: Bool = false, parallel: Int = 4,
  progress: @escaping @Sendable (PublishProgress) -> Void = { _ in },
  published: (Int, Publication) throws -> Void = { _, _ in }
) throws -> [Publication] {
  defer { early?.end() }
  do {
    let log = early?.log ?? PublishLog(progress)
    let publications = try requests.enumerated().map { number, request in
      let publication = try publishOne(
        request, to: destination, earlier, after: early, leavingOutBase: leavingOutBase, parallel: parallel, log: log)
      try published(number, publication)
      return publication
    }
    try destination.finish()
    return publications
  } catch {
    early?.end()
    destination.discard()
    throw error
  }
}

private func publishOne(
  _ request: PublishRequest, to destination: any ImageDestination, _ earlier: [PublishedBlobs],
  after early: EarlyLayers?, leavingOutBase: Bool, parallel: Int, log: PublishLog
) throws -> Publication {
  let tasks = BlobTask.all(of: request.parts, leavingOutBase: leavingOutBase)
  let encoded = try request.parts.map { try $0.image.encoded() }
  let configurations = encoded.map {
    BlobTask(kind: .configuration, descriptor: $0.configurationDescriptor, content: .bytes($0.configuration))
  }
  // The largest first, so that it is not the last to start. Whoever is done first sends the configuration: it needs no
  // connection of its own.
  let sorted = (tasks + configurations).sorted { $0.descriptor.size > $1.descriptor.size }
  try forEachInParallel(sorted, threads: min(parallel, max(1, tasks.count))) { task, stop in
    do {
      let outcome = try early?.take(task.descriptor)
      log.finished(try outcome ?? task.run(to: destination, earlier, log: log, stop: stop))
    } catch {
      // This one first: it is the reason that the other one ends for.
      stop.raise(error)
      early?.stop.raise(error)
      throw error
    }
  }
  var tags: [String] = []
  for tag in request.tags where !tags.contains(tag) { tags.append(tag) }
  func put(_ bytes: Data, _ descriptor: Descriptor, tags: [String], above blobs: [BlobOutcome]) throws {
    // Where all blobs exist, the manifest probably does, too, and was read back when it was written.
    let isUnchanged = blobs.allSatisfy { $0.outcome == .present || $0.outcome == .leftOut }
    guard try !isUnchanged || !destination.hasManifest(descriptor, tags: tags) else { return }
    try destination.putManifest(bytes, descriptor, tags: tags)
    let returned = try destination.manifest(.digest(descriptor.digest))
    guard returned.bytes == bytes, returned.descriptor.mediaType == descriptor.mediaType else {
      throw PublishError.changed(descriptor.digest, destination.name)
    }
  }

  var blobs = tasks.compactMap { log.outcome(of: $0.descriptor.digest) }
  var descriptor = request.index?.descriptor
  var attached: [(referrer: Publication.Referrer, bytes: Int64)] = []
  for (part, encoded) in zip(request.parts, encoded) {
    let configuration = encoded.configurationDescriptor.digest
    let own = Set(part.image.layers.map(\.descriptor.digest) + [configuration])
    blobs += [log.outcome(of: configuration)].compactMap { $0 }
    var manifest = encoded.manifestDescriptor
    manifest.platform = part.image.configuration.platform
    try put(
      encoded.manifest, manifest, tags: request.index == nil ? tags : [],
      above: blobs.filter { own.contains($0.descriptor.digest) })
    descriptor = descriptor ?? manifest
    attached += try part.attachments.map { try attach($0, to: manifest, at: destination, log: log) }
  }
  if let index = request.index { try put(index.bytes, index.descriptor, tags: tags, above: blobs) }
  guard let descriptor else { throw PublishError.nothing }
  log.published(descriptor, tags: tags)
  return Publication(
    descriptor: descriptor, tags: tags, blobs: blobs, attachments: attached.map(\.referrer),
    bytesAttached: attached.reduce(0) { $0 &+ $1.bytes })
}

/// Publishes a document about an image that was published.
private func attach(
  _ attachment: AttachedDocument, to image: Descriptor, at destination: any ImageDestination, log: PublishLog
) throws -> (referrer: Publication.Referrer, bytes: Int64) {
  let encoded = try attachment.encoded(about: image)
  let blobs = [(encoded.configuration, AttachedDocument.emptyConfiguration), (encoded.blob, attachment.content)]
  let outcomes = try blobs.map { descriptor, bytes in
    try BlobTask(kind: .attachment, descriptor: descriptor, content: .bytes(bytes))
      .run(to: destination, [], log: log, stop: StopSignal())
  }
  if try !destination.hasReferrer(encoded.descriptor, of: image) {
    try destination.putReferrer(encoded.manifest, encoded.descriptor, of: image)
  }
  return (
    Publication.Referrer(descriptor: encoded.descriptor, subject: image.digest), outcomes.reduce(0) { $0 &+ $1.bytes }
  )
}

/// The publishing of one blob.
struct BlobTask: Sendable {
  let kind: BlobOutcome.Kind
  let descriptor: Descriptor
  /// The content; nil for a layer of a base that was not given.
  let content: BlobContent?
  var base: (any ImageSource)?
  var isLeftOut = false

  /// The layers of the images in their order, each digest once.
  static func all(of parts: [PublishRequest.Part], leavingOutBase: Bool) -> [BlobTask] {
    var ours: [Digest: String] = [:]
    for layer in parts.flatMap(\.image.layers) {
      if case .file(let path) = layer.content { ours[layer.descriptor.digest] = path }
    }
    var seen: Set<Digest> = []
    return parts.flatMap { part in
      part.image.layers.enumerated().filter { seen.insert($1.descriptor.digest).inserted }.map { index, layer in
        let (descriptor, source) = (layer.descriptor, part.source(ofLayer: index))
        if let path = ours[descriptor.digest] {
          return BlobTask(kind: .layer, descriptor: descriptor, content: .file(path))
        }
        return BlobTask(
          kind: .layer, descriptor: descriptor, content: source.map { .source($0) }, base: source,
          isLeftOut: leavingOutBase || descriptor.isForeign)
      }
    }
  }

  /// - Parameter told: the bytes that progress was reported for already.
  func run(
    to destination: any ImageDestination, _ earlier: [PublishedBlobs], log: PublishLog, stop: StopSignal,
    told: Int64 = 0
  ) throws -> BlobOutcome {
    if isLeftOut { return outcome(.leftOut) }
    try stop.check()
    // Another image of this call has brought it.
    if let known = log.outcome(of: descriptor.digest), known.outcome != .leftOut { return outcome(.present) }
    if try destination.hasBlob(descriptor) { return outcome(.present) }
    guard content != nil else { throw PublishError.noSource(descriptor.digest, destination.name) }
    for place in earlier where place.digests.contains(descriptor.digest) {
      if try destination.mountBlob(descriptor, from: place.source) { return outcome(.mounted) }
    }
    if let base, try destination.mountBlob(descriptor, from: base.origin) { return outcome(.mounted) }
    try stop.check()
    return try write(to: destination, log: log, stop: stop, told: told)
  }

  /// Writes it without a question.
  func write(
    to destination: any ImageDestination, log: PublishLog, stop: StopSignal, told: Int64
  ) throws -> BlobOutcome {
    guard let content else { throw PublishError.noSource(descriptor.digest, destination.name) }
    if kind != .attachment, told == 0 { log.began(descriptor) }
    var bytes: Int64 = 0
    try destination.writeBlob(descriptor, from: content) { count in
      try stop.check()
      bytes &+= count
      let more = min(count, bytes &- told)
      if kind != .attachment, more > 0 { log.moved(descriptor, more) }
    }
    return outcome(.written, bytes: bytes)
  }

  private func outcome(_ what: BlobOutcome.Outcome, bytes: Int64 = 0) -> BlobOutcome {
    BlobOutcome(descriptor: descriptor, kind: kind, outcome: what, bytes: bytes)
  }
}

extension Descriptor {
  /// Whether a layer must not be copied: Windows' base layers.
  ///
  /// https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#non-distributable-layers
  var isForeign: Bool {
    urls?.isEmpty == false || mediaType.rawValue.contains(".nondistributable.")
  }
}
