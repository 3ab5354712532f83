import Foundation
import ImageAssembly
import ImageStore
import OCI
import PipelineConfiguration

extension PipelineJob {
  enum PlannedDestination {
    case disk(ImageFormat, String)
    case registry
    case none
  }

  /// For `--dry-run`: what would be done, on the standard output. The product is built, all else is left alone.
  func printPlan(destination: PlannedDestination) throws {
    console.data("pipeline \(pipeline.name): product \(pipeline.product), \(artifacts.executable)")
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
    case .none: return console.data("no image; starts \(artifacts.executable)")
    }
    for planned in try recipes(cachingBases: false) {
      console.data("")
      console.data("image \(planned.base.tag): on \(planned.base.base.written), to \(place)")
      console.data("tags: " + pipeline.imageTags(for: planned.base.tag).joined(separator: ", "))
      console.data(planned.recipe.description.trimmingCharacters(in: .newlines))
    }
  }
}
