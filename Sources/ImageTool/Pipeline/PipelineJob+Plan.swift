import SematicAssembly
import SematicConfiguration
import SematicImages
import SematicOCI
import SematicSystem

extension PipelineJob {
  enum PlannedDestination {
    case disk(ImageFormat, String)
    case registry
    case none
  }

  /// For `--dry-run`: what would be done, on the standard output. The product is built, all else is left alone.
  func printPlan(destination: PlannedDestination) throws {
    if let script = pipeline.script { console.data("pipeline \(pipeline.name): script \(script.file.relativePath)") }
    for artifacts in programs.map(\.artifacts) {
      console.data("pipeline \(pipeline.name): product \(artifacts.product), \(artifacts.executable)")
    }
    let place: String
    switch destination {
    case .disk(let format, let path): place = "\(format.rawValue):\(path)"
    case .registry:
      let host =
        switch pipeline.registry {
        case .local: "local (the embedded registry)"
        case .remote(let host): host
        }
      place = "registry \(host), repository \(pipeline.repository)"
    case .none:
      let started = pipeline.script?.file.path ?? programs.first?.artifacts.executable ?? pipeline.name
      return console.data("no image; starts \(started)")
    }
    for planned in try recipes(onlyPlanned: true) {
      console.data("")
      console.data("image \(planned.base.tag): on \(planned.base.written), to \(place)")
      console.data("tags: " + pipeline.imageTags(for: planned.base.tag).joined(separator: ", "))
      if planned.awaitsPackages, let file = pipeline.requirements {
        console.data("requirements: \(file.relativePath), not installed yet")
      }
      console.data("compression: \(pipeline.compression)")
      console.data(planned.plan.description.trimmed)
    }
  }
}
