import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// A base as it was found at its place.
struct OpenedBase {
  let named: BaseReference
  let image: Image
  /// Where its layers are; nil for `scratch`.
  let source: (any ImageSource)?
}

/// The plan of one image, and the base that it was made for.
struct PlannedImage {
  let base: OpenedBase
  let plan: ImagePlan
  /// The plan lacks Python packages, which only a build installs.
  let awaitsPackages: Bool
}

/// Decides what the images of a pipeline will be. Reads, writes nothing.
struct Planning {
  let inputs: PipelineInputs
  private let programs: [ImageProgram]

  /// - Throws: what reading the programs throws.
  init(inputs: PipelineInputs) throws {
    self.inputs = inputs
    programs = try inputs.session.timings.measure("product") { try inputs.programs() }
  }

  private var pipeline: PipelineConfiguration { inputs.pipeline }

  /// The platform of the programs; without any, this machine's.
  private func ownPlatform() throws -> Platform {
    try programs.first.map { try Platform($0.libraries.executable.platformName) } ?? .host
  }

  /// The bases, `default` first, from their places.
  /// - Parameter cache: where what is read from registries is kept; nil keeps nothing.
  func bases(cache: BlobCache?) throws -> [OpenedBase] {
    let opener = ImageOpener(inputs, cache: cache)
    return try pipeline.bases.map { named in
      // A script runs on any platform: on this machine's, or on what the base has.
      let isFree = pipeline.platform == nil && programs.isEmpty
      let wanted = try isFree ? named.descriptor?.platform ?? .host : pipeline.platform ?? ownPlatform()
      try named.check(wanted)
      guard let opened = try opener.open(named.source) else {
        return OpenedBase(named: named, image: .scratch(wanted), source: nil)
      }
      inputs.console.detail("base \(named.tag): \(named.written)")
      let resolved = try inputs.session.timings.measure("base") {
        do {
          return try isFree ? opened.resolve(preferring: wanted) : opened.resolve(wanted)
        } catch let error as RegistryError where error.status == nil && named.descriptor != nil {
          throw UnreachableBase(name: named.written, error: error)
        }
      }
      // Only what is in a registry has a name that means something to others.
      let name: String? = if case .registry(let reference) = named.source { reference.description } else { nil }
      let annotations = Image.annotations(ofBase: resolved.manifest.descriptor.digest, name: name)
      return OpenedBase(named: named, image: resolved.image.annotated(annotations), source: opened.source)
    }
  }

  /// One image for every base.
  /// - Parameter packages: the folders of installed Python packages, by base tag.
  func images(on bases: [OpenedBase], packages: [String: String]) throws -> [PlannedImage] {
    let searches = inputs.searches
    let sources = try pipeline.script?.sources() ?? []
    if let script = pipeline.script {
      let size = try sources.reduce(Int64(0)) { try $0.addingClamped(FileStatus(of: $1.source).size) }
      inputs.console.say(
        "sources of \(script.file.relativePath): \(sources.count) file\(sources.count == 1 ? "" : "s"), \(ByteCount(size))"
      )
    }
    var warned: Set<String> = []
    return try bases.map { base in
      var settings = try settings
      settings.pythonPackages = packages[base.named.tag]
      let plan = try ImagePlan(
        launch(on: base.named, sources), settings: settings,
        base: base.source == nil ? .scratch : .image(base.image.configuration),
        wanted: pipeline.platform,
        baseSystem: try BaseFiles(inputs: inputs, programs: programs).system(of: base, settings: settings),
        system: .here.remembering(in: searches))
      for note in plan.notes where warned.insert(note).inserted { inputs.console.say(note) }
      for warning in plan.warnings where warned.insert(warning).inserted { inputs.console.warn(warning) }
      return PlannedImage(
        base: base, plan: plan,
        awaitsPackages: pipeline.requirements != nil && settings.pythonPackages == nil)
    }
  }

  private func launch(on base: BaseReference, _ sources: [DataFile]) throws -> ImageLaunch {
    func template(_ name: String) throws -> String {
      String(decoding: try FileTree.read(Templates.file(name)), as: UTF8.self)
    }
    let start = try template("worker-entrypoint.sh")
    guard let script = pipeline.script else {
      guard let program = programs.first else { throw inputs.productMissing }
      return .program(program, entrypoint: start)
    }
    return .worker(
      programs,
      PythonWorker(
        entrypoint: try template("worker-python-entrypoint.sh").replacing(
          "/usr/bin/python3",
          with: LaunchEnvironment.shellLine([base.descriptor?.promises.pythonPath ?? "/usr/bin/python3"])),
        startScript: start,
        siteScript: try template("worker-sitecustomize.py"),
        importRoots: script.importRoots,
        sources: sources.map { .init(source: $0.source, destination: $0.relativePath) }))
  }

  private var settings: ImageSettings {
    get throws {
      let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"]
      return ImageSettings(
        environment: pipeline.environment, labels: pipeline.labels, annotations: pipeline.annotations,
        user: pipeline.user, workingDirectory: pipeline.workingDirectory,
        data: pipeline.data.filter { !$0.isOfSystem }.map {
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

extension ImageOpener {
  init(_ inputs: PipelineInputs, cache: BlobCache?) {
    let pipeline = inputs.pipeline
    var insecureHost: String?
    if pipeline.insecure, case .remote(let host) = pipeline.registry { insecureHost = host }
    self.init(
      cache: cache, insecureHost: insecureHost, caFile: inputs.session.imageOptions?.caFile, mirrors: pipeline.mirrors,
      retries: pipeline.retries, isSandboxed: inputs.session.isSandboxed, console: inputs.console)
  }
}
