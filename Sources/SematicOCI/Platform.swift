/// The kind of machine that an image runs on: operating system, processor architecture and its variant, in Go's names.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md#image-index-property-descriptions
package struct Platform: Hashable, Sendable {
  package var os: String
  package var architecture: String
  package var variant: String?
  package var osVersion: String?
  package var osFeatures: [String]?

  package init(os: String = "linux", architecture: String, variant: String? = nil) {
    self.os = os
    self.architecture = architecture
    self.variant = variant
  }

  /// Reads `os/architecture[/variant]`, with the other common names of an architecture (`x86_64`, `aarch64`).
  /// - Throws: `MalformedValue`.
  package init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (2...3).contains(parts.count), parts.allSatisfy(Self.isName) else {
      throw MalformedValue(
        kind: "platform", value: text, expected: "os/architecture[/variant], for example linux/amd64")
    }
    self.init(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
    self = normalized
  }

  private static let architectures = [
    "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "armhf": "arm",
  ]

  /// The platform with Go's name of its architecture.
  package var normalized: Platform {
    var platform = self
    platform.architecture = Self.architectures[architecture] ?? architecture
    return platform
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (97...122).contains(byte) || [95, 45, 46].contains(byte)
      }
  }

  /// Whether an image for this platform is what was asked for by `wanted`. A missing variant of arm64 means v8, of arm v7.
  package func satisfies(_ wanted: Platform) -> Bool {
    os == wanted.os && architecture == wanted.architecture
      && (wanted.variant == nil || effectiveVariant == wanted.effectiveVariant)
  }

  private var effectiveVariant: String? {
    variant ?? (architecture == "arm64" ? "v8" : architecture == "arm" ? "v7" : nil)
  }
}

extension Platform: CustomStringConvertible {
  package var description: String { [os, architecture, variant].compactMap { $0 }.joined(separator: "/") }
}

extension Platform: Codable {
  private enum CodingKeys: String, CodingKey {
    case os, architecture, variant
    case osVersion = "os.version"
    case osFeatures = "os.features"
  }

  /// Reads also what lacks an operating system or architecture, or has another name for it.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    os = try values.decodeIfPresent(String.self, forKey: .os) ?? ""
    architecture = try values.decodeIfPresent(String.self, forKey: .architecture) ?? ""
    variant = try values.decodeIfPresent(String.self, forKey: .variant).flatMap { $0.isEmpty ? nil : $0 }
    osVersion = try values.decodeIfPresent(String.self, forKey: .osVersion)
    osFeatures = try values.decodeIfPresent([String].self, forKey: .osFeatures)
    self = normalized
  }
}
