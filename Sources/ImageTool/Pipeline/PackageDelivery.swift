import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// Brings the images of one pipeline or of all to their places, those of one place together.
struct PackageDelivery {
  private let pipelines: [PipelineInputs]
  private let images: [[BuiltImage]]

  /// - Parameter images: those of each pipeline.
  init(_ pipelines: [PipelineInputs], _ images: [[BuiltImage]]) { (self.pipelines, self.images) = (pipelines, images) }

  /// Builds and pushes the images of all pipelines, each to its repository.
  /// - Returns: the outcome, in the order of the pipelines, and whether nobody serves the images when this process has ended.
  static func buildAndPush(_ pipelines: [PipelineInputs]) throws -> (outcome: Metadata, endsWithProcess: Bool) {
    // Of several, nothing is pushed before all are built.
    guard pipelines.count == 1, let inputs = pipelines.first else {
      return try PackageDelivery(pipelines, Building.images(of: pipelines)).push()
    }
    let place = try PushPlace(inputs, serving: false)
    defer { place.close() }
    return (try Delivery(inputs: inputs).buildAndPush(to: place), place.endsWithProcess)
  }

  private func push() throws -> (outcome: Metadata, endsWithProcess: Bool) {
    var earlier: [PublishedBlobs] = []
    var endsWithProcess = false
    let outcome = try together({ "\($0.pipeline.registry) \($0.pipeline.repository)" }) { inputs, images in
      let place = try PushPlace(inputs, serving: false)
      defer { place.close() }
      endsWithProcess = endsWithProcess || place.endsWithProcess
      return try Delivery(inputs: inputs).push(images, to: place, &earlier)
    }
    return (outcome, endsWithProcess)
  }

  /// Writes all images to disk.
  func save(to places: [DiskPlace], as format: ImageFormat, thin: Bool) throws -> Metadata {
    try together({ Delivery(inputs: $0).imageName }) { inputs, images in
      let delivery = Delivery(inputs: inputs)
      guard let place = places.first(where: { $0.name == delivery.imageName }) else { throw PublishError.nothing }
      return try delivery.save(images, to: place.destination, as: format, at: place.path, thin: thin)
    }
  }

  /// Calls `deliver` once for all images of one place.
  private func together(
    _ place: (PipelineInputs) -> String, _ deliver: (PipelineInputs, [BuiltImage]) throws -> Metadata
  ) throws -> Metadata {
    let places = pipelines.map(place)
    var delivered: [(number: Int, image: Metadata.Image)] = []
    var seen: Set<String> = []
    for (inputs, name) in zip(pipelines, places) where seen.insert(name).inserted {
      let numbers = places.indices.filter { places[$0] == name }
      let outcome = try deliver(inputs, numbers.flatMap { images[$0] })
      delivered += zip(numbers.flatMap { number in images[number].map { _ in number } }, outcome.images)
        .map { ($0, $1) }
    }
    let order = delivered.indices.sorted { (delivered[$0].number, $0) < (delivered[$1].number, $1) }
    return Metadata(images: order.map { delivered[$0].image })
  }
}

/// A place on disk for the images of one repository.
struct DiskPlace {
  /// The name that programs know the images by.
  let name: String
  let path: String
  let destination: any ImageDestination

  /// - Throws: where something is there that must not be replaced, and `SeveralRepositories`.
  static func places(
    for pipelines: [PipelineInputs], _ format: ImageFormat, _ output: String?
  ) throws -> [DiskPlace] {
    var places: [DiskPlace] = []
    for inputs in pipelines {
      let delivery = Delivery(inputs: inputs)
      guard !places.contains(where: { $0.name == delivery.imageName }) else { continue }
      let path = delivery.outputPath(output)
      // A layout is added to, an archive is written as a whole.
      guard format == .oci || places.isEmpty else {
        throw SeveralRepositories(format: format, names: [places[0].name, delivery.imageName])
      }
      places.append(
        DiskPlace(name: delivery.imageName, path: path, destination: try delivery.destination(format, path)))
    }
    return places
  }
}

/// A tag that images of two pipelines would get in one repository.
struct SharedTag: ExplainedError, Hashable {
  let tag: String
  let repository: String
  let pipelines: [String]

  /// - Throws: the first of the pipelines' tags that is one.
  static func check(_ pipelines: [PipelineConfiguration]) throws(SharedTag) {
    var owners: [String: String] = [:]
    for pipeline in pipelines {
      for tag in pipeline.bases.flatMap({ pipeline.imageTags(for: $0.tag) }) {
        let name = "\(pipeline.registry) \(pipeline.repository):\(tag)"
        if let other = owners.updateValue(pipeline.name, forKey: name), other != pipeline.name {
          throw SharedTag(tag: tag, repository: pipeline.repository, pipelines: [other, pipeline.name])
        }
      }
    }
  }

  var description: String {
    "the pipelines \(pipelines.map { "'\($0)'" }.joined(separator: " and ")) would both get the tag '\(tag)' in the "
      + "repository '\(repository)'"
  }

  var hint: String? { "give each its own 'tags' or its own 'repository'" }
}

/// Pipelines whose images cannot be in one archive.
struct SeveralRepositories: ExplainedError, Hashable {
  let format: ImageFormat
  let names: [String]

  var description: String { "one \(format.rawValue) cannot hold images of \(names.joined(separator: " and "))" }

  var hint: String? { "use the format oci, or write each pipeline's by itself" }
}
