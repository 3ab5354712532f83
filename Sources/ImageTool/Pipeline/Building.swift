import SematicArchive
import SematicAssembly
import SematicConfiguration
import SematicImages
import SematicOCI
import SematicSystem

/// An image that is ready to be delivered.
struct BuiltImage: Sendable {
  let base: BaseReference
  let image: Image
  /// Where the base's layers are; nil for `scratch`.
  let source: (any ImageSource)?
  let encoded: Image.Encoded
}

/// Makes the planned images, with their layers in the cache.
struct Building {
  let inputs: PipelineInputs

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
    return try planned.map { try build($0, in: cache) }
  }

  private func build(_ planned: PlannedImage, in cache: LayerCache) throws -> BuiltImage {
    let layers = try inputs.session.timings.measure("layers") {
      try planned.plan.layers.map { plan in
        let (layer, fromCache) = try cache.layer(for: plan)
        inputs.console.detail(
          "layer \(plan.kind.rawValue): \(layer.descriptor.digest.short), \(ByteCount(layer.descriptor.size))"
            + (fromCache ? ", unchanged" : ""))
        return layer
      }
    }
    let named = planned.base.named
    let image = planned.plan.apply(to: planned.base.image, layers: layers)
    let encoded = try image.encoded()
    inputs.console.say("image \(named.tag): \(encoded.manifestDescriptor.digest)")
    return BuiltImage(base: named, image: image, source: planned.base.source, encoded: encoded)
  }
}
