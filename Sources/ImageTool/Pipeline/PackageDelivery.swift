import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// Brings the images of one pipeline or of all to their places, those of one place together.
struct PackageDelivery {
  let pipelines: [PipelineInputs]
  let destination: Destination

  /// Prints the plan, or builds the images and brings them to their places.
  /// - Parameter check: judges each pipeline's images before.
  func run(check: (PipelineInputs, [BuiltImage]) throws -> Void = { _, _ in }) throws {
    if pipelines.contains(where: \.options.dryRun) {
      return try pipelines.forEach { try PlanReport(inputs: $0).print(destination) }
    }
    if case .registry = destination, pipelines.count == 1 {
      return try withPushPlace(pipelines[0]) { try Delivery(inputs: pipelines[0]).buildAndPush(to: $0) }
    }
    // Of several, nothing is pushed before all are built.
    let images = try Building.images(of: pipelines)
    for (inputs, images) in zip(pipelines, images) { try check(inputs, images) }
    let names = pipelines.map { "\($0.pipeline.registry) \($0.pipeline.repository)" }
    var earlier: [PublishedBlobs] = []
    var seen: Set<String> = []
    for (inputs, name) in zip(pipelines, names) where seen.insert(name).inserted {
      let own = zip(names, images).filter { $0.0 == name }.flatMap(\.1)
      let delivery = Delivery(inputs: inputs)
      switch destination {
      case .disk(let format, let places, let thin):
        for place in places where place.name == delivery.imageName {
          try delivery.save(own, to: place, as: format, thin: thin)
        }
      case .registry: try withPushPlace(inputs) { try delivery.push(own, to: $0, &earlier) }
      case .runtime(let load): try delivery.load(own, by: load)
      case .none: break
      }
    }
  }

  private func withPushPlace(_ inputs: PipelineInputs, _ push: (PushPlace) throws -> Void) throws {
    let place = try PushPlace(inputs, serving: false)
    defer { place.close() }
    try push(place)
  }
}

/// A place on disk for the images of one repository.
struct DiskPlace {
  /// The name that programs know the images by.
  let name: String
  let path: String
  let destination: any ImageDestination

  /// - Parameter output: where a person wants it; without that, it is a folder below .build.
  /// - Throws: where something is there that must not be replaced, `SharedTag` and `SeveralRepositories`.
  static func places(
    for pipelines: [PipelineInputs], _ format: ImageFormat, _ output: String?
  ) throws -> [DiskPlace] {
    func path(of inputs: PipelineInputs) -> String {
      output.map { FileTree.absolute($0) }
        ?? "\(inputs.state.images)/\(FileTree.name(of: inputs.pipeline.repository))"
    }
    // Two repositories can have one place.
    try SharedTag.check(pipelines.map { ($0.pipeline, path(of: $0)) })
    var places: [DiskPlace] = []
    for inputs in pipelines {
      let name = Delivery(inputs: inputs).imageName
      guard !places.contains(where: { $0.name == name }) else { continue }
      let path = path(of: inputs)
      // A layout is added to, an archive is written as a whole.
      guard format == .oci || places.isEmpty else {
        throw SeveralRepositories(format: format, names: [places[0].name, name])
      }
      places.append(
        DiskPlace(name: name, path: path, destination: try format.destination(path, repository: name)))
    }
    return places
  }
}

/// A tag that images of two pipelines would get in one repository, or in one layout on disk.
struct SharedTag: ExplainedError {
  let tag: String
  let place: String
  let pipelines: [String]

  /// - Throws: the first of the pipelines' tags that is one.
  static func check(_ pipelines: [PipelineConfiguration]) throws(SharedTag) {
    try check(pipelines.map { ($0, "\($0.registry) \($0.repository)") }) { "the repository '\($0.repository)'" }
  }

  /// The same for other places than the pipelines' repositories.
  static func check(
    _ pipelines: [(PipelineConfiguration, place: String)], named: ((PipelineConfiguration) -> String)? = nil
  ) throws(SharedTag) {
    var owners: [String: String] = [:]
    for (pipeline, place) in pipelines {
      for tag in pipeline.bases.flatMap({ pipeline.imageTags(for: $0.tag) }) {
        if let other = owners.updateValue(pipeline.name, forKey: "\(place):\(tag)"), other != pipeline.name {
          throw SharedTag(tag: tag, place: named?(pipeline) ?? place, pipelines: [other, pipeline.name])
        }
      }
    }
  }

  var description: String {
    "the pipelines \(pipelines.map { "'\($0)'" }.joined(separator: " and ")) would both get the tag '\(tag)' in "
      + place
  }

  var hint: String? { "give each its own 'tags' or its own 'repository'" }
}

/// Pipelines whose images cannot be in one archive.
struct SeveralRepositories: ExplainedError {
  let format: ImageFormat
  let names: [String]

  var description: String { "one \(format.rawValue) cannot hold images of \(names.joined(separator: " and "))" }

  var hint: String? { "use the format oci, or write each pipeline's by itself" }
}
