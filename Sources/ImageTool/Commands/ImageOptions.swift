import ArgumentParser
import SematicImages
import SematicOCI
import SematicSystem

/// The image that a command reads, and how to reach it.
final class ImageOptions: ParsableArguments {
  @Argument(help: "A reference, oci:PATH[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME].")
  var image: String

  @Option(help: ArgumentHelp("The platform to choose from an index.", valueName: "os/arch"))
  var platform: String?

  @Option(help: ArgumentHelp("Certificates to trust in addition to the system's, in PEM format.", valueName: "file"))
  var caFile: String?

  @Flag(help: "Allow plain http, and TLS without a trusted certificate.")
  var insecure = false

  var wantedPlatform: Platform? {
    get throws { try platform.map { text in try MisusedValue.catching("--platform") { try Platform(text) } } }
  }

  var location: ImageLocation {
    get throws { try MisusedValue.catching(nil) { try ImageLocation(image) } }
  }

  /// The image for the platform that was asked for; without one, those of all platforms of an index.
  /// - Parameter isStrict: whether an image for another platform will not do.
  func images(_ console: Console, isStrict: Bool) throws -> [ResolvedBase] {
    let platform = try wantedPlatform
    let opened = try opener(console).open(location)
    guard let platform else { return try opened.images(otherwise: .host) }
    return [try isStrict ? opened.resolve(platform) : opened.resolve(preferring: platform)]
  }

  /// What opens the image, and others beside it.
  func opener(_ console: Console) throws -> ImageOpener {
    var insecureHost: String?
    if insecure, case .registry(let reference) = try location { insecureHost = reference.registry }
    return ImageOpener(cache: nil, insecureHost: insecureHost, caFile: caFile, console: console)
  }
}

/// A value of the command line that cannot be read.
struct MisusedValue: ExplainedError {
  /// Nil for the image itself.
  let option: String?
  let error: MalformedValue

  var description: String { (option.map { "\($0): " } ?? "") + error.description }
  var hint: String? { error.hint }
  var isMisuse: Bool { true }

  static func catching<Value>(_ option: String?, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as MalformedValue { throw MisusedValue(option: option, error: error) }
  }
}

extension [ResolvedBase] {
  /// The image for this machine's processor; without one, the first.
  var own: ResolvedBase? { first { $0.platform.satisfies(.host) } ?? first }
}

extension Platform {
  /// The platform of images for this machine's processor.
  static var host: Platform {
    #if arch(arm64)
      Platform(architecture: "arm64")
    #elseif arch(arm)
      Platform(architecture: "arm", variant: "v7")
    #elseif arch(riscv64)
      Platform(architecture: "riscv64")
    #elseif arch(powerpc64le)
      Platform(architecture: "ppc64le")
    #elseif arch(s390x)
      Platform(architecture: "s390x")
    #else
      Platform(architecture: "amd64")
    #endif
  }
}
