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
    let opened = try options.open(console)
    let images = try options.wantedPlatform.map { [try opened.resolve($0)] } ?? opened.images(otherwise: .host)
    if json {
      // One platform's: an index has no configuration.
      guard let found = images.first(where: { $0.platform.satisfies(.host) }) ?? images.first else { return }
      let bytes = try canonicalJSON(found.image.configuration.document, pretty: true)
      return try console.data(text: String(decoding: bytes, as: UTF8.self))
    }
    for (number, found) in images.enumerated() {
      if number > 0 { try console.data("") }
      try console.data(InspectReport(found).lines)
    }
  }
}
