import OCI

/// One pipeline, validated: everything that an image and a launch need to know.
package struct Pipeline: Hashable, Sendable {
  package var name: String
  /// The executable product: the launch program.
  package var product: String
  package var registry: RegistryAddress
  /// With the path that was written behind the registry's host.
  package var repository: String
  /// `default` first, then the others by their tags.
  package var bases: [NamedBase]
  package var environment: [String: String]
  /// In the order of their paths in the package.
  package var data: [DataFile]
  /// What `data` was expanded from.
  package var dataPatterns: [DataPattern]
  package var tags: [String]
  package var tagSuffix: String?
  /// Plain http and certificates that nobody signed are accepted.
  package var insecure: Bool
  package var labels: [String: String]
  package var annotations: [String: String]
  package var user: String?
  /// In the image; absolute.
  package var workingDirectory: String?
  /// Only from the command line; else the base or the executable decides.
  package var platform: Platform?

  /// The tags of the image on the base `baseTag`: Sematic's `NAME_BASETAG` with the suffix, then the pipeline's own.
  package func imageTags(for baseTag: String) -> [String] {
    let suffix = tagSuffix.map { "_\($0)" } ?? ""
    // A product may have any name, a tag may not.
    let stem = String(name.unicodeScalars.map { ValueRules.isTagCharacter($0) ? Character($0) : "-" })
    let first = stem.first.map { "-.".contains($0) ? "_" : "" } ?? "_"
    return ["\(first)\(stem)_\(baseTag)\(suffix)"]
      + tags.map { baseTag == NamedBase.defaultTag ? $0 : "\($0)_\(baseTag)" }
  }
}

/// Where a pipeline's images go.
package enum RegistryAddress: Hashable, Sendable {
  /// The embedded registry.
  case local
  /// - Parameter host: with its port, if it has one.
  case remote(host: String)
}

/// One file of `data`.
package struct DataFile: Hashable, Sendable {
  /// On this machine; absolute.
  package let source: String
  /// In the image, absolute or from the working directory on; nil for the path in the package.
  package let destination: String?
  /// In the package.
  package let relativePath: String
}

/// An entry of `data`: which files, and where they go.
package struct DataPattern: Hashable, Sendable {
  /// A path in the package with `*`, `?`, `[a-z]` and `**`.
  package let glob: String
  package let destination: String?
}
