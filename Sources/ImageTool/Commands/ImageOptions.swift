import ArgumentParser
import SematicCheck
import SematicImages
import SematicOCI
import SematicRegistryClient

/// Which image a command looks at, and how to come to it.
struct ImageOptions: ParsableArguments {
  @Argument(help: "A reference, oci:PATH[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG].")
  var image: String

  @Option(help: ArgumentHelp("Which platform of an index.", valueName: "os/arch"))
  var platform: String?

  @Option(help: ArgumentHelp("Certificates to trust besides the system's, in PEM.", valueName: "file"))
  var caFile: String?

  @Flag(help: "Allow plain http, and TLS that cannot be verified.")
  var insecure = false

  var wantedPlatform: Platform? {
    get throws { try platform.map { try Platform($0) } }
  }

  func open(_ console: Console) throws -> OpenedImage {
    for format in ImageFormat.allCases where image.hasPrefix(format.rawValue + ":") {
      let (path, tag) = ImageLayout.split(String(image.dropFirst(format.rawValue.utf8.count + 1)))
      if format == .oci {
        let layout = try ImageLayout(path)
        return OpenedImage(source: layout, identifier: try layout.identifier(tag: tag), place: .disk)
      }
      let archive = try ImageArchive(path, format: format)
      return OpenedImage(source: archive, identifier: try archive.identifier(tag: tag), place: .disk)
    }
    let reference = try ImageReference(image)
    let sources = ImageSources(
      cache: nil, insecureHost: insecure ? reference.registry : nil, caFile: caFile, console: console)
    return OpenedImage(
      reference, in: try sources.registry(host: reference.registry, repository: reference.repository))
  }
}

/// An image at its place, not yet read.
struct OpenedImage {
  let source: any ImageSource
  let identifier: ManifestIdentifier
  let place: ImageCheck.Place

  init(source: any ImageSource, identifier: ManifestIdentifier, place: ImageCheck.Place) {
    self.source = source
    self.identifier = identifier
    self.place = place
  }

  init(_ reference: ImageReference, in registry: Registry) {
    source = registry
    identifier = reference.digest.map { .digest($0) } ?? .tag(reference.tag ?? "latest")
    var host = Substring(reference.registry)
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") { host = host[..<colon] }
    place = LoopbackHost.contains(String(host)) ? .loopback(registry.name) : .registry(registry.name)
  }

  func resolve(_ platform: Platform) throws -> ResolvedBase { try source.image(identifier, platform: platform) }

  /// The image for the platform that was asked for, else for this machine's, else any.
  func resolveAny(_ wanted: Platform?) throws -> ResolvedBase {
    do {
      return try resolve(wanted ?? .host)
    } catch BaseError.platformMismatch(_, let platform, _) {
      return try resolve(platform)
    } catch BaseError.noPlatform(_, _, let available) where !available.isEmpty {
      return try resolve(available[0])
    }
  }
}

extension Platform {
  static var host: Platform {
    #if arch(arm64)
      Platform(architecture: "arm64")
    #else
      Platform(architecture: "amd64")
    #endif
  }
}
