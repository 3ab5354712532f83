import ArgumentParser
import Foundation
import ImageStore
import OCI

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what an image is: digest, platform, layers, settings.")

  @Argument(help: "A reference, or oci:PATH[:TAG].")
  var image: String

  @Option(help: ArgumentHelp("Which platform of an index.", valueName: "os/arch"))
  var platform: String?

  @Option(help: ArgumentHelp("Certificates to trust besides the system's, in PEM.", valueName: "file"))
  var caFile: String?

  @Flag(help: "Allow plain http, and TLS that cannot be verified.")
  var insecure = false

  @Flag(help: "Print the configuration as JSON.")
  var json = false

  func run() throws {
    let console = Console(talk: .normal, host: nil)
    let (source, identifier) = try ImageSources(insecureHost: nil, caFile: caFile, console: console)
      .source(written: image, insecure: insecure)
    let wanted = try platform.map { try Platform($0) }
    let found = try source.image(identifier, platform: wanted)
    if json {
      let bytes = try canonicalJSON(found.image.configuration.document, pretty: true)
      return console.data(String(decoding: bytes, as: UTF8.self))
    }
    console.data(InspectReport(found).text)
  }
}
