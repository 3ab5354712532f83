import SematicAssembly
import SematicConfiguration
import SematicImages
import SematicSystem

/// The plan that `--dry-run` prints. The product is built; nothing else is written or sent.
struct PlanReport {
  let inputs: PipelineInputs

  func print(_ destination: Destination) throws {
    let (console, pipeline) = (inputs.console, inputs.pipeline)
    if let script = pipeline.script {
      try console.data("pipeline \(pipeline.name): script \(script.file.relativePath)")
    }
    for artifacts in inputs.products.flatMap(\.artifacts) {
      try console.data("pipeline \(pipeline.name): product \(artifacts.product), \(artifacts.executable)")
    }
    let place: String
    switch destination {
    case .disk(let format, let places, _):
      let name = Delivery(inputs: inputs).imageName
      place = "\(format.rawValue):\(places.first { $0.name == name }?.path ?? name)"
    case .registry:
      let host =
        switch pipeline.registry {
        case .local: "local (the embedded registry)"
        case .remote(let host): host
        }
      place = "registry \(host), repository \(pipeline.repository)"
    case .runtime(let load): place = load.runtime.rawValue
    case .none:
      let started = pipeline.script?.file.path ?? inputs.artifacts.first?.executable ?? pipeline.name
      return try console.data("no image; starts \(started)")
    }
    let planning = try Planning(inputs: inputs)
    let bases = try planning.bases(cache: nil)
    let packages = try PythonPackages(inputs: inputs).installed(for: bases)
    for planned in try planning.images(on: bases, packages: packages) {
      let named = planned.base.named
      try console.data("")
      let platform = inputs.products.count > 1 ? ", \(planned.base.platform)" : ""
      try console.data("image \(named.tag)\(platform): on \(named.written), to \(place)")
      try console.data("tags: " + pipeline.imageTags(for: named.tag).joined(separator: ", "))
      if planned.awaitsPackages, let file = pipeline.requirements?.file {
        try console.data("requirements: \(file.relativePath), not installed yet")
      }
      try console.data("compression: \(pipeline.compression)")
      try console.data(text: planned.plan.description.trimmed)
    }
  }
}
