import SematicELF
import SematicOCI
import SematicSystem

extension Image {
  /// The image as a build would make it above another base, of the same layers.
  ///
  /// Everything that is needed to know lies in the image's annotations, which a build above a base has written.
  /// - Parameters:
  ///   - base: the new base, with the annotations about it.
  ///   - system: looks into the base; nil where nobody can.
  ///   - python: looks for the Python that the image's packages need, which an image of an older version of this tool
  ///     does not name; nil where nobody can tell.
  ///   - name: the image's name, for messages.
  /// - Throws: `RebaseError` for an image without these annotations, and for a base that does not fit.
  package func rebased(
    onto base: Image, named baseName: String, name: String,
    system: (_ need: String) throws -> BaseSystem?, python: (_ need: ImageOverlay.Python?) throws -> BasePythonVersion?
  ) throws -> Image {
    guard annotations[Self.baseDigest] != nil else { throw RebaseError.noBase(name) }
    guard let record = annotations[ImageOverlay.annotation] else {
      throw RebaseError.noRecord(name)
    }
    let (overlay, count): (ImageOverlay, Int)
    do {
      (overlay, count) = try ImageOverlay.read(record)
    } catch let error as MalformedValue {
      throw RebaseError.malformed(name, error.description)
    }
    guard count <= layers.count else {
      throw RebaseError.malformed(
        name, "it says that \(count) of its \(layers.count) layers are its own")
    }
    let (own, wanted) = (configuration.platform, base.configuration.platform)
    guard own.os == wanted.os, own.architecture == wanted.architecture,
      own.architecture != "arm" || own.satisfies(wanted)
    else { throw RebaseError.platform(name, is: own, base: baseName, wanted: [wanted]) }
    guard base.layers.count + count <= ImagePlan.mostLayers else {
      throw ImagePlanError(.tooManyLayers(base: base.layers.count, own: count))
    }
    let hasPackages = overlay.leading["PYTHONPATH"]?.contains("/" + WorkerFolders.packages) == true
    if hasPackages || overlay.python != nil, let present = try python(overlay.python), let need = overlay.python {
      guard present.version == need.version else {
        throw RebaseError.python(name, need: need, base: baseName, present: present)
      }
    }
    let needs = BaseSystem.versionKinds.compactMap { kind in
      LibraryClosure.newestVersion(in: overlay.needs, of: kind).map { (kind, $0) }
    }
    if !needs.isEmpty, let system = try system(needs.map(\.1).joined(separator: ", ")) {
      for (kind, need) in needs {
        guard let present = system.newestVersion(of: kind) else {
          throw RebaseError.noLibrary(name, need: need, base: baseName)
        }
        guard LibraryClosure.newestVersion(in: [need, present], of: kind) == present else {
          throw RebaseError.oldLibrary(name, need: need, base: baseName, present: present)
        }
      }
    }

    let history = configuration.layerHistory.suffix(count)
    let texts =
      Array(repeating: nil, count: count - history.count) + history.map { $0["created_by"]?.string }
    // What another tool has put there is the old base's, or was added since.
    if let other = texts.compactMap({ $0 }).first(where: { !$0.hasPrefix(LayerPlan.historyPrefix) }) {
      throw RebaseError.malformed(
        name,
        "it says that \(count) of its \(layers.count) layers are its own, and one of them was made by: \(other.prefix(80))"
      )
    }
    let ours = zip(layers.suffix(count), texts).map { layer, text in
      Layer(
        descriptor: layer.descriptor, diffID: layer.diffID, content: layer.content,
        createdBy: text ?? "")
    }
    let (entrypoint, folder) = (configuration.entrypoint, configuration.workingDirectory)
    return base.appending(ours, created: configuration.created ?? .fixed).configured { configuration in
      overlay.apply(to: &configuration)
      configuration.entrypoint = entrypoint
      configuration.workingDirectory = folder
    }.annotated(annotations.filter { !$0.key.hasPrefix(Self.baseDigest.dropLast("digest".count)) })
  }

  static let baseDigest = "org.opencontainers.image.base.digest"
}

/// The Python that a base has at a path.
package struct BasePythonVersion: Equatable, Sendable {
  /// Major and minor; nil: there is none.
  let version: String?

  package init(_ version: String?) { self.version = version }
}

/// An image that cannot be put above another base.
package enum RebaseError: ExplainedError, Equatable, Sendable {
  case noBase(String)
  case noRecord(String)
  case malformed(String, String)
  /// One platform of an index was named.
  case onePlatform(String)
  case otherPlatform(String, is: Platform, wanted: Platform)
  /// It is neither in a registry nor in a layout.
  case archive(String)
  case platform(String, is: Platform, base: String, wanted: [Platform])
  /// No base at all.
  case scratch(String)
  case oldLibrary(String, need: String, base: String, present: String)
  case noLibrary(String, need: String, base: String)
  case python(String, need: ImageOverlay.Python, base: String, present: BasePythonVersion)

  package var description: String {
    switch self {
    case .noBase(let image): "cannot rebase \(image): it names no base that it was built on"
    case .noRecord(let image): "cannot rebase \(image): it does not say which of its layers and settings are its own"
    case .malformed(let image, let reason):
      "cannot rebase \(image): what it says of its base is wrong: \(reason)"
    case .onePlatform(let image): "cannot rebase one platform of \(image): its tag names the index of all"
    case .otherPlatform(let image, let own, let wanted): "cannot rebase \(image) for \(wanted): it is for \(own)"
    case .archive(let image): "cannot rebase \(image): an archive is not changed in its place"
    case .platform(let image, let own, let base, let wanted):
      "cannot rebase \(image), which is for \(own), onto \(base), which is for "
        + wanted.map(\.description).joined(separator: ", ")
    case .scratch(let image): "cannot rebase \(image) onto scratch: what it uses of its base would be missing"
    case .oldLibrary(let image, let need, let base, let present):
      "cannot rebase \(image): it needs \(need), and \(base) has \(present) at most"
    case .noLibrary(let image, let need, let base):
      "cannot rebase \(image): it needs \(need), and \(base) has no GNU \(need.hasPrefix("GLIBC_") ? "C" : "C++") library"
    case .python(let image, let need, let base, let present):
      "cannot rebase \(image): its Python packages are for Python \(need.version), and \(base) has "
        + (present.version.map { "Python \($0)" } ?? "no \(need.path)")
    }
  }

  package var isMisuse: Bool {
    switch self {
    case .archive, .scratch: true
    default: false
    }
  }

  package var hint: String? {
    switch self {
    case .noBase, .noRecord:
      "only what swift-sematic has put above a base can be rebased: `swift package push-image --base NEW` does that"
    case .malformed: "build it anew: `swift package push-image --base NEW`"
    case .scratch: "build it without a base: `swift package push-image --base scratch`"
    case .otherPlatform: "leave out --platform"
    case .onePlatform: "without --platform, each is rebased"
    case .archive(let image): "copy it into a layout or a registry: `skopeo copy \(image) oci:FOLDER:TAG`"
    case .platform(_, let own, _, _): "choose a base for \(own)"
    case .oldLibrary(_, let need, _, _), .noLibrary(_, let need, _): "choose a base that has \(need)"
    case .python(_, let need, _, _):
      "choose a base with Python \(need.version) at \(need.path), or build it anew: `swift package push-image --base NEW`"
    }
  }
}
