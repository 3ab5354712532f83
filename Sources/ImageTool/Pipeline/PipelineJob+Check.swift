import SematicCheck
import SematicConfiguration
import SematicImages
import SematicOCI

extension PipelineJob {
  private var checker: ImageChecker { ImageChecker(state: workspace.state, console: console) }

  /// Judges images that were built, before they go anywhere.
  /// - Parameter fetching: whether layers of the base that are not on this machine may be fetched.
  /// - Throws: `RefusedImage`.
  func check(_ images: [BuiltImage], fetching: Bool) throws {
    try session.timings.measure("check") {
      for image in images {
        try judge(
          checker.check(image, name: image.base.tag, fetching: fetching, wanted: pipeline.platform))
      }
    }
  }

  /// Judges the custom image that somebody wants to launch with, where it is.
  /// - Returns: the embedded registry, if that is where it is: it has to be served for as long as the launch takes.
  /// - Throws: `RefusedImage`, and what reading the image throws.
  func check(_ reference: ImageReference) throws -> PushPlace? {
    var opener = imageOpener(cache: nil)
    opener.mirrors = [:]
    var host = reference.registry
    var embedded: PushPlace?
    if case .local = pipeline.registry, host == "127.0.0.1:\(EmbeddedRegistry.port)" {
      embedded = try openRegistry()
      host = embedded?.embedded?.address ?? host
    }
    do {
      let location = ImageLocation.registry(
        try ImageReference(
          registry: host, repository: reference.repository, tag: reference.tag, digest: reference.digest))
      try session.timings.measure("check") {
        try judge(checker.check(opener.open(location), name: reference.description, wanted: nil))
      }
      return embedded
    } catch {
      embedded?.close()
      throw error
    }
  }

  private func judge(_ report: CheckReport) throws {
    guard report.check.passes else { throw RefusedImage(report: report) }
    for verdict in report.check.verdicts where verdict.status == .unknown {
      console.detail("\(report.image): \(verdict.rule.title): unknown: \(verdict.detail)")
    }
    console.say("\(report.image): \(report.summary)")
  }
}
