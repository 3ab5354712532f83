import ArgumentParser
import SematicImages
import SematicOCI
import SematicSystem

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what an image is: digest, platform, layers, settings.")

  @OptionGroup var options: ImageOptions

  @Flag(help: "Print the configuration as JSON.")
  var json = false

  func run() throws {
    let console = Console(talk: .normal, host: nil)
    let found = try options.open(console).resolve(options.wantedPlatform ?? .host)
    if json {
      let bytes = try canonicalJSON(found.image.configuration.document, pretty: true)
      return try console.data(text: String(decoding: bytes, as: UTF8.self))
    }
    try console.data(InspectReport(found).lines)
  }
}
