import ArgumentParser
import SematicImages
import SematicOCI
import SematicSystem

final class InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what an image is: digest, platform, layers, settings.")

  @OptionGroup var options: ImageOptions

  @Flag(help: "Print the configuration as JSON.")
  var json = false

  @Flag(
    help:
      "Print the bill of materials (SPDX): the one that is stored beside the image, or what can be read from the image itself."
  )
  var sbom = false

  @Flag(help: "Print the provenance (in-toto) that is stored beside the image.")
  var provenance = false

  func validate() throws {
    if [json, sbom, provenance].count(where: { $0 }) > 1 {
      throw ValidationError("--json, --sbom and --provenance cannot be used together")
    }
  }

  func run() throws {
    let console = Console(talk: .normal, host: nil)
    let images = try options.images(console, isStrict: true)
    if json || sbom || provenance {
      // One platform's: an index has none of these.
      guard let found = images.own else { return }
      if images.count > 1 { console.say("of the index, this is about the image for \(found.platform)") }
      if sbom { return try console.data(document: StoredInventory(found, options.image, console).bill()) }
      if provenance { return try console.data(document: StoredInventory(found, options.image, console).provenance()) }
      let bytes = try canonicalJSON(found.image.configuration.document, pretty: true)
      return try console.data(text: String(decoding: bytes, as: UTF8.self))
    }
    for (number, found) in images.enumerated() {
      if number > 0 { try console.data("") }
      try console.data(InspectReport(found).lines)
    }
  }
}
