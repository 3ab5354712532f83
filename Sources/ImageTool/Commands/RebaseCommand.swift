import ArgumentParser
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

final class RebaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebase",
    abstract: "Put an image that was built here above another base, without building it.",
    discussion: """
      Replaces the layers and settings of the base, and keeps those of the image. Only layers that the image's registry or \
      layout lacks are moved. Prints name@sha256:..., or oci:PATH:TAG. A bill of materials and provenance are about the image as it was, \
      and stay with that one.
      """)

  @OptionGroup var options: ImageOptions

  @Option(
    help: ArgumentHelp("The new base: a name such as worker-base, a reference, or oci:PATH[:TAG].", valueName: "base"))
  var base: String

  @Option(
    help: ArgumentHelp(
      "A tag of the result; can be given several times. Default: the image's own.", valueName: "tag"
    ))
  var tag: [String] = []

  func validate() throws {
    if let wrong = tag.first(where: { !ImageReference.isTag($0) }) {
      throw ValidationError("'\(wrong)' is not a tag")
    }
  }

  func run() throws {
    let console = Console(talk: .normal, host: nil)
    let (location, platform) = (try options.location, try options.wantedPlatform)
    let package = try Workspace.package(nil)
    let state = try StateFolder(package: package, isNamed: false)
    state.share()
    let named = try BaseCatalog.descriptor(
      of: base, package: package ?? FileTree.currentDirectory(), builtinDescriptors: Templates.folder)
    let baseLocation =
      try named.map { try ImageLocation($0.reference) } ?? MisusedValue.catching("--base") { try ImageLocation(base) }
    let rebasing = Rebasing(
      opener: try options.opener(console), state: state, console: console, promises: named?.promises)
    try console.data(
      rebasing.rebase(
        (options.image, location), onto: (named?.reference ?? base, baseLocation), platform: platform, tags: tag))
  }
}
