import SematicArchive
import SematicAssembly
import SematicCheck
import SematicConfiguration
import SematicELF
import SematicImages
import SematicInventory
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// Puts an image above another base, where it is.
struct Rebasing {
  let opener: ImageOpener
  let state: StateFolder
  let console: Console
  /// What the new base's descriptor promises.
  var promises: BaseDescriptor.Promises?

  /// An image as a person wrote it, and what that means.
  typealias NamedLocation = (name: String, location: ImageLocation)

  /// Bases up to this size are fetched to learn the version of their C library.
  private static let lookedIntoSize: Int64 = 64 << 20

  /// - Returns: the reference of the result.
  /// - Throws: `RebaseError`, `BaseError`; what the places throw.
  func rebase(_ image: NamedLocation, onto base: NamedLocation, platform: Platform?, tags: [String]) throws -> String {
    let ((name, location), baseName) = (image, base.name)
    guard baseName != "scratch" else { throw RebaseError.scratch(name) }
    let place = try Place(location, name: name, tags: tags, opener: opener)
    let opened = try opener.open(location)
    let images = try opened.images(otherwise: platform ?? .host)
    let isIndex = images.contains { $0.indexDigest != nil }
    guard !isIndex || platform == nil else { throw RebaseError.onePlatform(name) }
    if let platform, let other = images.map(\.platform).first(where: { !$0.satisfies(platform) }) {
      throw RebaseError.otherPlatform(name, is: other, wanted: platform)
    }
    let rebased = try images.map { try rebase($0, name, onto: base) }
    var index: ImageIndex.Encoded?
    if isIndex, case .index(let old) = try opened.source.manifest(opened.identifier).content {
      index = try ImageIndex(of: rebased.map(\.image), annotations: old.annotations ?? [:]).encoded()
    }

    let lost = Self.documents.filter { document in
      images.contains { found in
        let stored = try? found.source.referrers(of: found.manifest.descriptor.digest, type: document.type)
        return stored?.isEmpty == false
      }
    }

    let report = ProgressReport(console, verb: "sending")
    let request = PublishRequest(rebased, index: index, tags: place.tags)
    let publication = try publish([request], to: place.destination) { report.report($0) }.first
    guard let publication else { throw PublishError.nothing }
    console.say("rebased onto \(baseName), \(ByteCount(publication.bytesSent)) sent")
    if !lost.isEmpty {
      let verb = if case .registry = location { "push-image" } else { "build-image" }
      console.say(
        "the \(lost.map(\.name).joined(separator: " and ")) of the old image \(lost.count == 1 ? "is" : "are") not about "
          + "the new one, which has none; a build makes it: `swift package \(verb) "
          + LaunchEnvironment.shellLine(["--base", baseName] + lost.compactMap(\.option)) + "`"
          + (lost.contains { $0.option == nil } ? ", with `provenance: true` in sematic.yaml" : ""))
    }
    return place.reference(publication)
  }

  /// What is stored beside images, about their content.
  private static let documents: [(name: String, option: String?, type: MediaType)] = [
    ("bill of materials", "--sbom", SPDXDocument.mediaType), ("provenance", nil, Provenance.mediaType),
  ]

  /// The image of one platform.
  private func rebase(_ found: ResolvedBase, _ name: String, onto named: NamedLocation) throws -> PublishRequest.Part {
    let (baseName, location) = named
    guard case .manifest(let manifest) = found.manifest.content else {
      throw BaseError.notAnImage(name, found.manifest.descriptor.mediaType)
    }
    let image = found.image.annotated(manifest.annotations ?? [:])
    var wanted = image.configuration.platform
    // Variants of the other processors only say what the old base's own programs need.
    if wanted.architecture != "arm" { wanted.variant = nil }
    let base = try resolve(opener.open(location), wanted, named: baseName, for: name)
    var reference: String?
    if case .registry(let known) = location { reference = known.description }
    let about = Image.annotations(ofBase: base.manifest.descriptor.digest, name: reference)
    let rebased = try image.rebased(onto: base.image.annotated(about), named: baseName, name: name) { need in
      try system(of: base, named: baseName, need: need)
    } python: { need in
      try python(of: base, named: baseName, need: need, name)
    }
    console.say(
      "\(found.platform): \(rebased.layers.count - base.image.layers.count) of \(rebased.layers.count) layers are kept")
    return PublishRequest.Part(
      rebased, base: base.source, own: (found.source, rebased.layers.count - base.image.layers.count))
  }

  private func resolve(_ base: OpenedImage, _ wanted: Platform, named baseName: String, for name: String) throws
    -> ResolvedBase
  {
    do {
      return try base.resolve(wanted)
    } catch BaseError.platformMismatch(_, let platform, _) {
      throw RebaseError.platform(name, is: wanted, base: baseName, wanted: [platform])
    } catch BaseError.noPlatform(_, _, let available) where !available.isEmpty {
      throw RebaseError.platform(name, is: wanted, base: baseName, wanted: available)
    }
  }

  /// What is known of the libraries of the new base.
  private func system(of base: ResolvedBase, named name: String, need: String) throws -> BaseSystem? {
    guard base.platform.os == "linux", let machine = ElfMachine(architecture: base.platform.architecture) else {
      return nil
    }
    return try look(into: base, named: name, for: need) { access in
      var system = try BaseFiles.read(access, of: base.image, [], machine)
      system.name = name
      return system
    }
  }

  /// Which Python the new base has where the image's packages need it.
  private func python(of base: ResolvedBase, named name: String, need: ImageOverlay.Python?, _ image: String) throws
    -> BasePythonVersion?
  {
    guard let need else {
      console.warn(
        "whether \(name) has the Python that the packages of \(image) need is not known: only a new build will say which"
      )
      return nil
    }
    if let promises, let version = promises.pythonVersion, promises.pythonPath == need.path {
      return BasePythonVersion(version)
    }
    return try look(into: base, named: name, for: "Python \(need.version)") { access in
      let tree = try access.tree(of: base.image)
      guard try tree.resolve(need.path).found?.entry.kind == .file else { return BasePythonVersion(nil) }
      if let version = try tree.pythonVersion(of: need.path) { return BasePythonVersion(version) }
      console.warn(
        "whether \(name) has Python \(need.version) is not known: its \(need.path) does not tell its version")
      return nil
    }
  }

  /// Reads the files of the new base, except of one that is large and elsewhere.
  private func look<Answer>(
    into base: ResolvedBase, named name: String, for need: String, _ read: (LayerAccess) throws -> Answer?
  ) throws -> Answer? {
    let size = base.image.layers.reduce(Int64(0)) { $0.addingClamped($1.descriptor.size) }
    do {
      let access = LayerAccess(
        source: base.source, blobs: BlobCache(state.blobs), listings: ListingCache(state.listings),
        fetching: size <= Self.lookedIntoSize,
        progress: { console.say("reading the layer \($0.digest.short), \(ByteCount($0.size))") })
      return try read(access)
    } catch is UnreadableLayer {
      console.warn(
        "whether \(name) has \(need) is not known: its layers (\(ByteCount(size))) are not on this machine; "
          + "`ImageTool check` of the result tells")
    } catch let error as ArchiveError {
      console.warn("whether \(name) has \(need) is not known: \(error)")
    }
    return nil
  }

  /// Where the image is, and the result goes.
  private struct Place {
    let destination: any ImageDestination
    let tags: [String]
    let reference: (Publication) -> String

    init(_ location: ImageLocation, name: String, tags: [String], opener: ImageOpener) throws {
      switch location {
      case .registry(let image):
        let registry = try opener.registry(host: image.registry, repository: image.repository)
        destination = registry
        self.tags = tags.isEmpty ? [image.tag].compactMap { $0 } : tags
        reference = { "\(registry.name)@\($0.digest)" }
      case .disk(.oci, let path, let tag):
        let layout = try ImageLayout(path)
        let digest = try layout.identifier(tag: tag)
        let entries = layout.index.manifests.filter { .digest($0.digest) == digest }
        let present =
          tag.map { [$0] } ?? entries.compactMap { $0.annotations?[ImageLayout.tagAnnotation] }
        // `registry/repository:tag`, by which programs load it.
        let loaded = entries.lazy.compactMap { $0.annotations?["io.containerd.image.name"] }.first
        let repository = loaded.flatMap {
          $0.lastIndex(of: ":").map { colon in loaded?[..<colon] } ?? nil
        }
        destination = try ImageFormat.oci.destination(path, repository: repository.map(String.init))
        self.tags = tags.isEmpty ? present : tags
        reference = {
          ImageFormat.oci.reference(path: layout.path, repository: "", tag: $0.tags.first)
        }
      case .disk: throw RebaseError.archive(name)
      }
    }
  }
}
