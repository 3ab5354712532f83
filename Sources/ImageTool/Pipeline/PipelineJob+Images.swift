import SematicArchive
import SematicAssembly
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// An image that is ready to be published.
struct BuiltImage: Sendable {
  let base: BaseReference
  let image: Image
  /// Where the base's layers are; nil above `scratch`.
  let source: (any ImageSource)?
  let encoded: Image.Encoded
  /// How many of the image's layers are ours.
  let ownLayers: Int
}

extension PipelineJob {
  /// One image for every base tag, `default` first.
  func buildImages() throws -> [BuiltImage] {
    let compressor = try Compressor(pipeline.compression)
    let cache = LayerCache(folder: workspace.blobs, compressor: compressor, useCache: !options.noCache)
    console.detail("compression: \(compressor.identity)")
    return try recipes().map { planned in
      let layers = try session.timings.measure("layers") {
        try planned.plan.layers.map { try layer($0, from: cache) }
      }
      let image = planned.plan.apply(to: planned.image, layers: layers)
      let encoded = try image.encoded()
      console.say("image \(planned.base.tag): \(encoded.manifestDescriptor.digest)")
      return BuiltImage(
        base: planned.base, image: image, source: planned.source, encoded: encoded, ownLayers: layers.count)
    }
  }

  private func layer(_ plan: LayerPlan, from cache: LayerCache) throws -> Layer {
    let (layer, fromCache) = try cache.layer(for: plan)
    console.detail(
      "layer \(plan.kind.rawValue): \(layer.descriptor.digest.short), \(ByteCount(layer.descriptor.size))"
        + (fromCache ? ", unchanged" : ""))
    return layer
  }

  /// A plan, and the base that it was made for.
  struct PlannedImage {
    let base: BaseReference
    let image: Image
    let source: (any ImageSource)?
    let plan: ImagePlan
    /// Python packages that only a build installs are not in the plan yet.
    let awaitsPackages: Bool
  }

  /// Decides what every image will be; reads bases from their places, and has the Python packages installed.
  /// - Parameter onlyPlanned: writes nothing, not even the cache of bases.
  func recipes(onlyPlanned: Bool = false) throws -> [PlannedImage] {
    let opener = imageOpener(cache: onlyPlanned ? nil : BlobCache(workspace.blobs))
    let searches = Self.searches(options, workspace)
    var warned: Set<String> = []
    return try pipeline.bases.map { named in
      let wanted = try pipeline.platform ?? ownPlatform()
      try named.check(wanted)
      var image = Image.scratch(wanted)
      var place: (any ImageSource)?
      if let opened = try opener.open(named.source) {
        console.detail("base \(named.tag): \(named.written)")
        image = try session.timings.measure("base") { try opened.resolve(wanted).image }
        place = opened.source
      }
      var settings = settings
      if let requirements = pipeline.requirements, place != nil,
        let target = try pythonTarget(of: .init(named: named, image: image, source: place), fetching: !onlyPlanned)
      {
        settings.pythonPackages = try session.timings.measure("requirements") {
          try pythonPackages(requirements, for: target, install: !onlyPlanned)
        }
      }
      let plan = try ImagePlan(
        imageLaunch(on: named), settings: settings, base: place == nil ? .scratch : .image(image.configuration),
        wanted: pipeline.platform, system: .here.remembering(in: searches))
      for warning in plan.warnings where warned.insert(warning).inserted { console.warn(warning) }
      return PlannedImage(
        base: named, image: image, source: place, plan: plan,
        awaitsPackages: pipeline.requirements != nil && settings.pythonPackages == nil)
    }
  }

  private func imageLaunch(on base: BaseReference) throws -> ImageLaunch {
    func template(_ name: String) throws -> String {
      String(decoding: try FileTree.read(Templates.file(name)), as: UTF8.self)
    }
    let start = try template("worker-entrypoint.sh")
    guard let script = pipeline.script else {
      guard let program = programs.first else { throw productMissing }
      return .program(program, entrypoint: start)
    }
    return .worker(
      programs,
      PythonWorker(
        entrypoint: try template("worker-python-entrypoint.sh").replacing(
          "/usr/bin/python3",
          with: LaunchEnvironment.shellLine([base.descriptor?.promises.pythonPath ?? "/usr/bin/python3"])),
        startScript: start,
        script: script.file.relativePath,
        sources: script.sources.map { .init(source: $0.source, destination: $0.relativePath) }))
  }

  var productMissing: FileError {
    FileError("find the built product", pipeline.product ?? pipeline.name, reason: "SwiftPM was not asked to build it")
  }

  private var settings: ImageSettings {
    ImageSettings(
      environment: pipeline.environment, labels: pipeline.labels, annotations: pipeline.annotations,
      user: pipeline.user, workingDirectory: pipeline.workingDirectory,
      data: pipeline.data.map { .init(source: $0.source, destination: $0.destination ?? $0.relativePath) },
      keepsDebugInformation: pipeline.debugInformation.map { $0 == .keep } ?? options.debug,
      layerSize: pipeline.layerSize?.bytes)
  }

  func imageOpener(cache: BlobCache?) -> ImageOpener {
    var insecureHost: String?
    if pipeline.insecure, case .remote(let host) = pipeline.registry { insecureHost = host }
    return ImageOpener(
      cache: cache, insecureHost: insecureHost, caFile: options.caFile, mirrors: pipeline.mirrors,
      retries: pipeline.retries, console: console)
  }
}
