import SematicArchive
import SematicAssembly
import SematicConfiguration
import SematicImages
import SematicOCI
import SematicSystem

/// Layers that are in the cache, by how they are compressed: what several images have is looked for once.
typealias BuiltLayers = [String: [LayerPlan: Layer]]

/// Makes the planned images, with their layers in the cache.
struct Building {
  let inputs: PipelineInputs
  /// Gets each new layer as soon as it is built, or while it is.
  var early: EarlyLayers?

  /// The images of each pipeline.
  static func images(of pipelines: [PipelineInputs]) throws -> [[BuiltImage]] {
    var layers: BuiltLayers = [:]
    return try pipelines.map { try Building(inputs: $0).images(&layers) }
  }

  /// One image for every base, `default` first.
  func images() throws -> [BuiltImage] {
    var layers: BuiltLayers = [:]
    return try images(&layers)
  }

  private func images(_ layers: inout BuiltLayers) throws -> [BuiltImage] {
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
      return try image(on: base, own.map { try build($0, in: cache, &layers[compressor.identity, default: [:]]) })
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

  /// - Parameter known: layers that another image has already.
  private func build(
    _ planned: PlannedImage, in cache: LayerCache, _ known: inout [LayerPlan: Layer]
  ) throws -> PlatformImage {
    let plans = planned.plan.layers
    let layers = try inputs.session.timings.measure("layers") {
      // The largest first, so that it is on its way while the others are built.
      for plan in early == nil ? plans : plans.sorted(by: { $0.size > $1.size }) where known[plan] == nil {
        let blob = early?.blob(of: plan.size)
        let (layer, fromCache) = try cache.layer(for: plan, growth: blob.map { blob in { blob.grew($0, to: $1) } })
        inputs.console.detail(
          "layer \(plan.kind.rawValue): \(layer.descriptor.digest.short), \(ByteCount(layer.descriptor.size))"
            + (fromCache ? ", unchanged" : ""))
        known[plan] = layer
        if !fromCache { early?.send(layer, as: blob) }
      }
      return plans.compactMap { known[$0] }
    }
    let image = try planned.plan.apply(to: planned.base.image, layers: layers)
    let encoded = try image.encoded()
    return PlatformImage(
      image, source: planned.base.source, encoded: encoded,
      attachments: try ImageInventory(inputs: inputs).attachments(to: encoded, of: planned, layers: layers))
  }
}
