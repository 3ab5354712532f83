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
    let found = try open(console)
    if json {
      let bytes = try canonicalJSON(found.image.configuration.document, pretty: true)
      return console.data(String(decoding: bytes, as: UTF8.self))
    }
    console.data(InspectReport(found).text)
  }

  private func open(_ console: Console) throws -> ResolvedBase {
    let wanted = try platform.map { try Platform($0) } ?? Platform(architecture: Self.hostArchitecture)
    if image.hasPrefix("oci:") {
      let (path, tag) = ImageLayout.split(String(image.dropFirst("oci:".count)))
      let layout = try ImageLayout(path)
      return try layout.image(layout.identifier(tag: tag), platform: wanted)
    }
    let reference = try ImageReference(image)
    let sources = ImageSources(
      cache: nil, insecureHost: insecure ? reference.registry : nil, caFile: caFile, console: console)
    let source = try sources.registry(host: reference.registry, repository: reference.repository)
    let identifier = reference.digest.map { ManifestIdentifier.digest($0) } ?? .tag(reference.tag ?? "latest")
    return try source.image(identifier, platform: wanted)
  }

  private static var hostArchitecture: String {
    #if arch(arm64)
      "arm64"
    #else
      "amd64"
    #endif
  }
}
