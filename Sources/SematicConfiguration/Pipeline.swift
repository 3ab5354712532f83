import SematicOCI

/// One pipeline, validated: everything that an image and a launch need to know.
package struct Pipeline: Hashable, Sendable {
  package var name: String
  package var program: Program
  /// Names Python packages for the image, in pip's format.
  package var requirements: PackageFile?
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
  /// Where bases are read from first, by the registry that they are of.
  package var mirrors: [String: [RegistryMirror]]
  /// How often what failed in passing is tried again; nil for as often as usual.
  package var retries: Int?
  package var labels: [String: String]
  package var annotations: [String: String]
  package var user: String?
  /// In the image; absolute.
  package var workingDirectory: String?
  /// Of the image's own layers.
  package var compression: LayerCompression
  /// Of one of them, in bytes before it is compressed; nil for the usual one.
  package var layerSize: Int64?
  /// Of the program and the package's libraries; nil where nothing is said.
  package var keepsDebugInformation: Bool?
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

extension Pipeline {
  /// What is started by a launch.
  package enum Program: Hashable, Sendable {
    /// An executable product.
    case product(String)
    case script(PythonScript)
  }

  /// The executable product that is the launch program; nil where a script is.
  package var product: String? { if case .product(let name) = program { name } else { nil } }

  package var script: PythonScript? { if case .script(let script) = program { script } else { nil } }

  /// What SwiftPM builds for the image.
  package var products: [String] {
    switch program {
    case .product(let name): [name]
    case .script(let script): script.products
    }
  }
}

/// A file of the package.
package struct PackageFile: Hashable, Sendable {
  /// On this machine; absolute.
  package let path: String
  /// In the package.
  package let relativePath: String

  package init(path: String, relativePath: String) {
    self.path = path
    self.relativePath = relativePath
  }
}

/// A launch script in Python, and what comes with it into the image.
package struct PythonScript: Hashable, Sendable {
  package let file: PackageFile
  /// The script among them, in the order of their paths.
  package let sources: [DataFile]
  /// As they were written.
  package let sourcePatterns: [String]
  /// Every executable product of the package: steps in Python may call them.
  package let products: [String]
}

/// Where a pipeline's images go.
package enum RegistryAddress: Hashable, Sendable {
  /// The embedded registry.
  case local
  /// - Parameter host: with its port, if it has one.
  case remote(host: String)
}

/// A registry that has what another one has, below a path of its own.
package struct RegistryMirror: Hashable, Sendable {
  /// With its port, if it has one.
  package let host: String
  /// In front of the repository; empty for none.
  package let path: String

  package func repository(for repository: String) -> String { path.isEmpty ? repository : "\(path)/\(repository)" }
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
