import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicImages
import SematicOCI
import SematicPython
import SematicRegistryClient
import SematicSystem

/// A base as it was found at its place.
final class OpenedBase {
  let named: BaseReference
  /// The programs that go above it.
  let target: PlatformPrograms
  let image: Image
  /// Where its layers are; nil for `scratch`.
  let source: (any ImageSource)?

  init(_ named: BaseReference, target: PlatformPrograms, image: Image, source: (any ImageSource)?) {
    (self.named, self.target, self.image, self.source) = (named, target, image, source)
  }

  var platform: Platform { image.configuration.platform }
  /// Its name among the bases of all platforms.
  var key: String { "\(named.tag) \(target.wanted ?? platform)" }
}

/// The plan of one image, and the base that it was made for.
final class PlannedImage {
  let base: OpenedBase
  let plan: ImagePlan
  /// The plan lacks Python packages, which only a build installs.
  let awaitsPackages: Bool

  init(_ plan: ImagePlan, on base: OpenedBase, awaitsPackages: Bool) {
    (self.plan, self.base, self.awaitsPackages) = (plan, base, awaitsPackages)
  }
}

/// Decides what the images of a pipeline will be. Reads, and writes nothing but caches.
struct Planning {
  let inputs: PipelineInputs
  private let targets: [PlatformPrograms]

  /// - Throws: what reading the programs throws.
  init(inputs: PipelineInputs) throws {
    self.inputs = inputs
    targets = try inputs.session.timings.measure("product") { try inputs.products.map { try $0.programs(inputs) } }
  }

  private var pipeline: PipelineConfiguration { inputs.pipeline }

  /// The bases, `default` first, from their places: each for every platform.
  /// - Parameter cache: where what is read from registries is kept; nil keeps nothing.
  func bases(cache: BlobCache?) throws -> [OpenedBase] {
    let opener = ImageOpener(inputs, cache: cache)
    return try pipeline.bases.flatMap { named in
      let wanted = try targets.map { try platform(of: $0, above: named) }
      try wanted.forEach { try named.check($0) }
      guard var opened = try opener.open(named.source) else {
        return zip(targets, wanted).map { target, platform in
          OpenedBase(named, target: target, image: .scratch(platform), source: nil)
        }
      }
      inputs.console.detail("base \(named.tag): \(named.written)")
      return try zip(targets, wanted).map { target, platform in
        let resolved = try inputs.session.timings.measure("base") {
          do {
            return try isFree(target) ? opened.resolve(preferring: platform) : opened.resolve(platform)
          } catch let error as RegistryError where error.status == nil && named.descriptor != nil {
            throw UnreachableBase(name: named.written, error: error)
          } catch let error as BaseError {
            throw UnfitBase(name: named.written, error: error)
          }
        }
        // The other platforms' images are those of the same index, whatever its tag says by then.
        if let index = resolved.indexDigest { opened = OpenedImage(source: opened.source, identifier: .digest(index)) }
        // Only what is in a registry has a name that means something to others.
        let name: String? = if case .registry(let reference) = named.source { reference.description } else { nil }
        let annotations = Image.annotations(ofBase: resolved.manifest.descriptor.digest, name: name)
        return OpenedBase(
          named, target: target, image: resolved.image.annotated(annotations), source: opened.source)
      }
    }
  }

  /// A script runs on any platform: on this machine's, or on what the base has.
  private func isFree(_ target: PlatformPrograms) -> Bool { target.wanted == nil && target.programs.isEmpty }

  private func platform(of target: PlatformPrograms, above base: BaseReference) throws -> Platform {
    try isFree(target) ? base.descriptor?.platform ?? .host : target.platform()
  }

  /// One image for every base.
  /// - Parameter packages: the folders of installed Python packages, by the bases' keys.
  func images(on bases: [OpenedBase], packages: [String: String]) throws -> [PlannedImage] {
    let searches = inputs.searches
    let sources = try (pipeline.script?.sources() ?? []).filter { !inputs.session.writes($0.source) }
    if let script = pipeline.script {
      let size = try sources.reduce(Int64(0)) { try $0.addingClamped(FileStatus(of: $1.source).size) }
      inputs.console.say(
        "sources of \(script.file.relativePath): \(sources.count) file\(sources.count == 1 ? "" : "s"), \(ByteCount(size))"
      )
    }
    var warned: Set<String> = []
    return try bases.map { base in
      var settings = try settings
      settings.pythonPackages = packages[base.key]
      if let file = pipeline.requirements?.file, settings.pythonPackages != nil,
        let target = try inputs.basePython.target(of: base, for: file.relativePath, fetching: false)
      {
        settings.python = ImageOverlay.Python(version: target.version, path: base.named.pythonPath)
      }
      var system = MachineSystem.here.remembering(in: searches)
      system.otherRoot = base.target.systemRoot
      let plan = try ImagePlan(
        launch(on: base, sources), settings: settings,
        base: base.source == nil ? .scratch : .image(base.image.configuration),
        wanted: base.target.wanted,
        baseSystem: try BaseFiles(inputs: inputs, programs: base.target.programs).system(of: base, settings: settings),
        system: system)
      for note in plan.notes where warned.insert(note).inserted { inputs.console.say(note) }
      for warning in plan.warnings where warned.insert(warning).inserted { inputs.console.warn(warning) }
      return PlannedImage(
        plan, on: base, awaitsPackages: pipeline.requirements != nil && settings.pythonPackages == nil)
    }
  }

  private func launch(on base: OpenedBase, _ sources: [DataFile]) throws -> ImageLaunch {
    let start = try Templates.text("worker-entrypoint.sh")
    guard let script = pipeline.script else {
      guard let program = base.target.programs.first else { throw inputs.productMissing }
      return .program(program, entrypoint: start)
    }
    return .worker(
      base.target.programs,
      PythonWorker(
        entrypoint: try Templates.text("worker-python-entrypoint.sh").replacing(
          "/usr/bin/python3",
          with: LaunchEnvironment.shellLine([base.named.pythonPath])),
        startScript: start,
        siteScript: try Templates.workerSite,
        importRoots: script.importRoots,
        sources: sources.map { .init(source: $0.source, destination: $0.relativePath) }))
  }

  private var settings: ImageSettings {
    get throws {
      let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"]
      return ImageSettings(
        environment: pipeline.environment, labels: pipeline.labels, annotations: pipeline.annotations,
        user: pipeline.user, workingDirectory: pipeline.workingDirectory,
        data: pipeline.data.filter { !$0.isOfSystem && !inputs.session.writes($0.source) }.map {
          .init(
            source: $0.source, destination: $0.destination ?? $0.relativePath, isEmptyFolder: $0.isEmptyFolder)
        },
        systemItems: pipeline.data.filter(\.isOfSystem).map {
          .init(source: $0.source, destination: $0.destination ?? "")
        },
        keepsDebugInformation: pipeline.debugInformation.map { $0 == .keep } ?? inputs.options.debug,
        bringsSystemLibraries: pipeline.systemLibraries != .base, bringsOwnCertificates: pipeline.addedCertificates,
        printsBacktraces: pipeline.backtraces,
        layerSize: pipeline.layerSize?.bytes, created: try epoch.map(CreationTime.init(sourceDateEpoch:)) ?? .fixed)
    }
  }
}

/// A base that is known by name and cannot be read, such as the default one without a network.
struct UnreachableBase: ExplainedError {
  let name: String
  let error: RegistryError

  var description: String { "the base \(name): \(error)" }

  var hint: String? {
    let others =
      name == "worker-cuda"
      ? "worker-cuda is the default base, an image of several GB; `--base scratch` needs no network"
      : "`--base scratch` needs no network"
    return (error.hint.map { $0 + "; " } ?? "") + others
  }
}

/// A base that no program of this build can be put above.
struct UnfitBase: ExplainedError {
  let name: String
  let error: BaseError

  var description: String { "the base \(name): \(error)" }

  var hint: String? {
    switch error {
    case .noPlatform: error.hint.map { $0 + ", and the program has to be built for it" }
    case .platformMismatch(_, let platform, _):
      "build the program for \(platform) and add `--platform \(platform)`, or choose a base for your platform"
    default: error.hint
    }
  }
}

extension ImageOpener {
  init(_ inputs: PipelineInputs, cache: BlobCache?) {
    let pipeline = inputs.pipeline
    var insecureHost: String?
    if pipeline.insecure, case .remote(let host) = pipeline.registry { insecureHost = host }
    self.init(
      cache: cache, insecureHost: insecureHost, caFile: inputs.session.imageOptions?.caFile, mirrors: pipeline.mirrors,
      retries: pipeline.retries, isSandboxed: inputs.session.isSandboxed, folderOfBases: inputs.workspace.folder,
      console: inputs.console)
  }
}
