import SematicCheck
import SematicConfiguration
import SematicImages
import SematicOCI

/// Judges images before they are delivered or launched with.
struct ImageGate {
  let inputs: PipelineInputs

  private var console: Console { inputs.console }
  private var checker: ImageChecker { ImageChecker(state: inputs.state, console: console) }
  private var waived: Set<CheckRule> { Set(inputs.pipeline.waived.compactMap(CheckRule.init)) }

  /// Judges images that were just built.
  /// - Parameter fetching: whether layers of the base that are not on this machine may be fetched.
  /// - Throws: `RefusedImage`.
  func check(_ images: [BuiltImage], fetching: Bool) throws {
    try inputs.session.timings.measure("check") {
      // What is refused was not written anywhere: it has to be built again.
      let own = Invocation.isVerb ? Invocation.line : LaunchEnvironment.shellLine(CommandLine.arguments)
      for image in images {
        for one in image.platforms {
          let name = image.base.tag + (image.index == nil ? "" : ", \(one.platform)")
          let wanted = image.index == nil ? inputs.pipeline.platform : one.platform
          let report = try checker.check(one, name: name, fetching: fetching, wanted: wanted, waived: waived)
          try judge(report, again: own)
        }
      }
    }
  }

  /// Judges the custom image that somebody wants to launch with, where it is.
  /// - Returns: the embedded registry, if the image is there: it has to be served for as long as the launch takes.
  /// - Throws: `RefusedImage`, and what reading the image throws.
  func check(_ reference: ImageReference) throws -> EmbeddedRegistry? {
    var opener = ImageOpener(inputs, cache: nil)
    opener.mirrors = [:]
    var host = reference.registry
    var embedded: EmbeddedRegistry?
    if case .local = inputs.pipeline.registry, host == EmbeddedRegistry.address(of: inputs.state.registry) {
      embedded = try EmbeddedRegistry(folder: inputs.state.registry, serving: true, console: console)
      host = embedded?.address ?? host
    }
    do {
      let location = ImageLocation.registry(
        try ImageReference(
          registry: host, repository: reference.repository, tag: reference.tag, digest: reference.digest))
      try inputs.session.timings.measure("check") {
        let reports = try checker.check(
          opener.open(location).images(otherwise: .host), name: reference.description, wanted: nil, waived: waived)
        let again = ["\(Invocation.tool(inputs.state)) check \(reference)"] + waived.map(\.rawValue).sorted()
        for report in reports { try judge(report, again: again.joined(separator: " --waive ")) }
      }
      return embedded
    } catch {
      embedded?.close()
      throw error
    }
  }

  private func judge(_ report: CheckReport, again command: String) throws {
    guard report.check.passes else { throw RefusedImage(report: report, command: command) }
    for verdict in report.check.verdicts where verdict.status == .unknown {
      console.detail("\(report.image): \(verdict.rule.title): unknown: \(verdict.detail)")
    }
    console.say("\(report.image): \(report.summary)")
  }
}
