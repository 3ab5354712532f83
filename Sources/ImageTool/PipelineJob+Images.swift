import FileSystem
import Foundation
import ImageAssembly
import ImageStore
import OCI
import PipelineConfiguration
import Templates

/// An image that is ready to be published.
struct BuiltImage: Sendable {
  let base: NamedBase
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
    let cache = LayerCache(folder: workspace.blobs, useCache: !options.noCache)
    return try recipes(cachingBases: true).map { planned in
      let layers = try session.timings.measure("layers") {
        try planned.recipe.layers.map { try layer($0, above: planned.base, from: cache) }
      }
      let image = planned.recipe.apply(to: planned.image, layers: layers)
      let encoded = try image.encoded()
      console.say("image \(planned.base.tag): \(encoded.manifestDescriptor.digest)")
      return BuiltImage(
        base: planned.base, image: image, source: planned.source, encoded: encoded, ownLayers: layers.count)
    }
  }

  private func layer(_ recipe: LayerRecipe, above base: NamedBase, from cache: LayerCache) throws -> Layer {
    let parents: ParentFolders = base.base.source == .scratch ? .all : .onBase
    let (layer, fromCache) = try cache.layer(for: recipe, parents: parents, createdBy: recipe.createdBy)
    console.detail(
      "layer \(recipe.kind.rawValue): \(layer.descriptor.digest.short), \(ByteCount(layer.descriptor.size))"
        + (fromCache ? ", unchanged" : ""))
    return layer
  }

  /// A plan, and the base that it was made for.
  struct PlannedImage {
    let base: NamedBase
    let image: Image
    let source: (any ImageSource)?
    let recipe: ImageRecipe
  }

  /// Decides what every image will be; reads bases from their places, and writes nothing but, if so asked, their cache.
  func recipes(cachingBases: Bool) throws -> [PlannedImage] {
    let sources = imageSources(cache: cachingBases ? BlobCache(workspace.blobs) : nil)
    let script = String(decoding: try FileTree.read(Templates.file("worker-entrypoint.sh")), as: UTF8.self)
    var warned: Set<String> = []
    return try pipeline.bases.map { named in
      let wanted = try pipeline.platform ?? libraries.executable.platform
      var image = Image.scratch(wanted)
      var place: (any ImageSource)?
      if let (source, identifier) = try sources.open(named.base.source) {
        console.detail("base \(named.tag): \(named.base.written)")
        image = try session.timings.measure("base") { try source.image(identifier, platform: wanted).image }
        place = source
      }
      let recipe = try ImageRecipe(
        artifacts, settings: settings, base: place == nil ? .scratch : .image(image.configuration),
        libraries: libraries, entrypoint: script, wanted: pipeline.platform)
      for warning in recipe.warnings where warned.insert(warning).inserted { console.warn(warning) }
      return PlannedImage(base: named, image: image, source: place, recipe: recipe)
    }
  }

  private var settings: ImageSettings {
    ImageSettings(
      environment: pipeline.environment, labels: pipeline.labels, annotations: pipeline.annotations,
      user: pipeline.user, workingDirectory: pipeline.workingDirectory,
      data: pipeline.data.map { .init(source: $0.source, destination: $0.destination ?? $0.relativePath) })
  }

  func imageSources(cache: BlobCache?) -> ImageSources {
    var insecureHost: String?
    if pipeline.insecure, case .remote(let host) = pipeline.registry { insecureHost = host }
    return ImageSources(cache: cache, insecureHost: insecureHost, caFile: options.caFile, console: console)
  }
}
