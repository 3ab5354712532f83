import ArgumentParser
import SematicCheck
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

final class CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check an image against Sematic's rules, without running it.",
    discussion: """
      Prints one line for each rule: pass, fail (with how to fix it), unknown, not needed, or waived. Exit status: 1 if \
      a rule fails. An index is judged as its platforms, each by itself, unless --platform names one. Reads the configuration, the layers' tar headers and a few files; layers that no rule needs are not fetched. Asks \
      the registry of the image's base, if the image names it, whether the base has a newer digest.
      """)

  @OptionGroup var options: ImageOptions

  @Flag(help: "Print the verdicts as JSON.")
  var json = false

  @Option(
    help: ArgumentHelp("A rule that this image may break; can be given several times.", valueName: "rule"))
  var waive: [CheckRule] = []

  func run() throws {
    let console = Console(talk: .normal, host: nil)
    let state = try StateFolder(package: Workspace.package(nil), isNamed: false)
    state.share()
    let checker = ImageChecker(state: state, console: console)
    let images = try options.images(console, isStrict: false)
    let reports = try checker.check(images, name: options.image, wanted: options.wantedPlatform, waived: Set(waive))
    if json {
      try console.data(text: CheckReport.json(reports))
    } else {
      for report in reports {
        if reports.count > 1 { try console.data("platform: \(report.platform), \(report.digest)") }
        try console.data(report.lines)
      }
    }
    if let own = images.own {
      try NewerBase(opener: options.opener(console), console: console).report(own, name: options.image)
    }
    if !reports.allSatisfy(\.check.passes) { throw ExitCode.failure }
  }
}

/// Checks images with the caches of one state folder.
struct ImageChecker {
  let state: StateFolder
  let console: Console

  private var blobs: BlobCache { BlobCache(state.blobs) }
  private var listings: ListingCache { ListingCache(state.listings) }

  /// Images at their place. Layers that have to be fetched are kept until all rules are judged, and not longer.
  func check(
    _ images: [ResolvedBase], name: String, wanted: Platform?, waived: Set<CheckRule> = []
  ) throws -> [CheckReport] {
    Leftovers.remove(in: state.path)
    let folder = state.path + "/" + Leftovers.newName()
    defer { try? FileTree.remove(folder) }
    let console = console
    return try images.map { found in
      let access = LayerAccess(
        source: found.source, blobs: blobs, fetched: BlobCache(folder), listings: listings,
        progress: { console.say("reading the layer \($0.digest.short), \(ByteCount($0.size))") })
      let name = images.count > 1 ? "\(name), \(found.platform)" : name
      return try report(
        found.image, access, PullLocation(of: found.source), name, found.manifest.descriptor.digest, wanted, waived)
    }
  }

  /// An image that was just built: its own layers are files, the base's are where they were found.
  func check(
    _ built: PlatformImage, name: String, fetching: Bool, wanted: Platform?, waived: Set<CheckRule> = []
  ) throws -> CheckReport {
    let access = LayerAccess(source: built.source, blobs: blobs, listings: listings, fetching: fetching)
    return try report(built.image, access, .unpublished, name, built.encoded.manifestDescriptor.digest, wanted, waived)
  }

  private func report(
    _ image: Image, _ access: LayerAccess, _ place: PullLocation, _ name: String, _ digest: Digest,
    _ wanted: Platform?, _ waived: Set<CheckRule>
  ) throws -> CheckReport {
    let files = ImageFiles(try access.tree(of: image), cache: listings)
    let check = try ImageCheck(image.configuration, files: files, place: place, wanted: wanted, waived: waived)
    return CheckReport(image: name, digest: digest, platform: image.configuration.platform, check: check)
  }
}

extension CheckRule: ExpressibleByArgument {}

/// An image that breaks a rule, where it was about to be used.
struct RefusedImage: ExplainedError {
  let report: CheckReport
  /// The command that checks it again once it is fixed, as it can be typed.
  let command: String

  var description: String {
    "\(report.image) fails checks that Sematic's workers need"
  }

  var details: [String] { report.failures }

  var hint: String? { "fix the image as it says above, then run: \(command)" }
}
