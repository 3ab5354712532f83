import SematicImages
import SematicOCI
import SematicSystem

/// Whether the base that an image was built on has a newer digest under its tag.
struct NewerBase {
  var opener: ImageOpener
  let console: Console

  init(opener: ImageOpener, console: Console) {
    self.opener = opener
    // It is a note beside the verdicts: a registry that does not answer keeps nobody waiting.
    self.opener.retries = 0
    self.opener.stallSeconds = 4
    self.console = console
  }

  /// Says so, if the image names its base and a tag of it.
  func report(_ found: ResolvedBase, name: String) throws {
    guard case .manifest(let manifest) = found.manifest.content,
      let annotations = manifest.annotations,
      let used = annotations["org.opencontainers.image.base.digest"],
      let base = annotations["org.opencontainers.image.base.name"],
      let reference = try? ImageReference(base),
      let tag = reference.tag
    else { return }
    do {
      let tagged = try reference.with(tag: tag, digest: nil)
      let current = try opener.open(.registry(tagged)).resolve(found.platform).manifest.descriptor
        .digest
      guard current.description != used else { return }
      console.say(
        "the base \(tagged) is newer: \(current), and the image was built on \(used); "
          + "`ImageTool rebase \(LaunchEnvironment.shellLine([name])) --base \(tagged)` puts it above the newer one"
      )
    } catch {
      console.say("whether the base \(base) is newer is unknown: \(error)")
    }
  }
}
