import SematicArchive
import SematicAssembly
import SematicConfiguration
import SematicImages
import SematicOCI
import SematicSystem

/// Layers that are in the cache: what several images have is looked for once.
final class BuiltLayers: @unchecked Sendable {  // the lock guards the layers
  private let lock = Lock()
  private var layers: [String: [LayerPlan: Layer]] = [:]

  subscript(compressor: Compressor, plan: LayerPlan) -> Layer? {
    get { lock.withLock { layers[compressor.identity]?[plan] } }
    set { lock.withLock { layers[compressor.identity, default: [:]][plan] = newValue } }
  }
}

/// Makes the planned images, with their layers in the cache.
struct Building {
  /// Bytes of files below which a layer is compressed in too few pieces for several processors.
  private static let smallLayer: Int64 = 4 << 20

  let inputs: PipelineInputs
  /// Gets each new layer as soon as it is built, or while it is.
  private let early: EarlyLayers?
  private let built: BuiltLayers

  init(inputs: PipelineInputs, early: EarlyLayers? = nil, sharing built: BuiltLayers = BuiltLayers()) {
    self.inputs = inputs
    self.early = early
    self.built = built
  }

  /// The images of each pipeline.
  static func images(of pipelines: [PipelineInputs]) throws -> [[BuiltImage]] {
    let layers = BuiltLayers()
    return try pipelines.map { try Building(inputs: $0, sharing: layers).images() }
  }

  /// One image for every base, `default` first.
  func images() throws -> [BuiltImage] {
    let compressor = try Compressor(inputs.pipeline.compression)
    inputs.console.detail("compression: \(compressor.identity)")
    let planning = try Planning(inputs: inputs)
    let bases = try planning.bases(cache: BlobCache(inputs.state.blobs))
    let packages = try PythonPackages(inputs: inputs).install(for: bases)
    let planned = try planning.images(on: bases, packages: packages)
    if let script = inputs.pipeline.script {
      try inputs.session.timings.measure("imports") {
        try ImportCheck(inputs: inputs, script: script).check(planned, packages: packages)
      }
    }
    let cache = LayerCache(
      folder: inputs.state.blobs, compressor: compressor, useCache: inputs.session.usesCaches)
    return try inputs.pipeline.bases.compactMap { base in
      let own = planned.filter { $0.base.named.tag == base.tag }
      return try image(on: base, own.map { try build($0, in: cache) })
    }
  }

  private func image(on base: BaseReference, _ platforms: [PlatformImage]) throws -> BuiltImage? {
    guard let image = try BuiltImage(of: inputs.pipeline, on: base, platforms) else { return nil }
    let name = (inputs.session.command.takesAll ? "\(inputs.pipeline.name), " : "") + base.tag
    guard image.index != nil else {
      inputs.console.say("image \(name): \(image.digest)")
      return image
    }
    for one in platforms {
      inputs.console.say("image \(name), \(one.platform): \(one.encoded.manifestDescriptor.digest)")
    }
    inputs.console.say("image \(name): \(image.digest), an index of \(platforms.count) platforms")
    return image
  }

  /// What is not in the cache is built. Small layers, which have too few pieces to keep all processors busy, are built
  /// beside the large ones; those begin with the largest, so that it is on its way while the others are built.
  private func layers(_ plans: [LayerPlan], in cache: LayerCache) throws -> [Layer] {
    let compressor = cache.builder.compressor
    var missing: [LayerCache.Entry] = []
    for plan in plans where built[compressor, plan] == nil {
      let entry = try cache.entry(for: plan)
      guard let layer = entry.layer else {
        missing.append(entry)
        continue
      }
      inputs.console.detail(layer.summary(of: plan) + ", unchanged")
      built[compressor, plan] = layer
    }
    missing.sort { $0.plan.size > $1.plan.size }
    let small = missing.filter { $0.plan.size < Self.smallLayer }
    let groups = [missing.filter { $0.plan.size >= Self.smallLayer }, small].filter { !$0.isEmpty }
    try forEachInParallel(groups, threads: 2) { [early, built, console = inputs.console] entries, stop in
      for entry in entries {
        try stop.check()
        let blob = early?.blob(of: entry.plan.size)
        let layer = try cache.build(entry) { path, size, rest in
          try stop.check()
          blob?.grew(path, to: size, rest: rest)
        }
        console.detail(layer.summary(of: entry.plan))
        built[compressor, entry.plan] = layer
        early?.send(layer, as: blob)
      }
    }
    return plans.compactMap { built[compressor, $0] }
  }

  private func build(_ planned: PlannedImage, in cache: LayerCache) throws -> PlatformImage {
    let layers = try inputs.session.timings.measure("layers") { try self.layers(planned.plan.layers, in: cache) }
    let image = try planned.plan.apply(to: planned.base.image, layers: layers)
    let encoded = try image.encoded()
    return PlatformImage(
      image, source: planned.base.source, encoded: encoded,
      attachments: try ImageInventory(inputs: inputs).attachments(to: encoded, of: planned, layers: layers))
  }
}

extension Layer {
  fileprivate func summary(of plan: LayerPlan) -> String {
    "layer \(plan.kind.rawValue): \(descriptor.digest.short), \(ByteCount(descriptor.size))"
  }
}
