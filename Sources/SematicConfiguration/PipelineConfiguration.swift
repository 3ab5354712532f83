import SematicOCI
import Yams

/// One pipeline, validated: everything that an image and a launch need to know.
///
/// A class: code that copies a struct of this size would be wherever one is held.
///
/// The settings that need no more than their row are found by its name: `pipeline.user`.
@dynamicMemberLookup
package final class PipelineConfiguration: Sendable {
  package let name: String
  package let program: Program
  /// The file that names Python packages for the image: in pip's format, or a pyproject.toml.
  package let requirements: PythonRequirements?
  package let registry: RegistryAddress
  /// The repository, with the path that was written behind the registry's host.
  package let repository: String
  /// The bases: `default` first, then the others by their tags.
  package let bases: [BaseReference]
  /// The platforms that were asked for: with several, each has an image of its own; none: the program's.
  package let platforms: [Platform]
  /// The files of `data`, in the order of their paths in the package.
  package let data: [DataFile]
  /// All settings, as a pipeline file would say them without defaults.
  let settings: WrittenSettings

  init(
    name: String, program: Program, requirements: PythonRequirements?, registry: RegistryAddress, repository: String,
    bases: [BaseReference], platforms: [Platform], data: [DataFile], settings: WrittenSettings
  ) {
    (self.name, self.program, self.requirements) = (name, program, requirements)
    (self.registry, self.repository, self.bases) = (registry, repository, bases)
    (self.platforms, self.data, self.settings) = (platforms, data, settings)
  }

  package subscript<Value>(dynamicMember setting: KeyPath<SettingsTable, Setting<Value>>) -> Value {
    settings[dynamicMember: setting]
  }

  /// The tags of the image on the base `baseTag`: Sematic's `NAME_BASETAG` with the suffix, then the pipeline's own.
  package func imageTags(for baseTag: String) -> [String] {
    let suffix = settings.tagSuffix.map { "_\($0)" } ?? ""
    // A product may have any name, a tag may not.
    let stem = String(name.unicodeScalars.map { ValueRules.isTagCharacter($0) ? Character($0) : "-" })
    let first = stem.first.map { "-.".contains($0) ? "_" : "" } ?? "_"
    return (settings.defaultTag ? ["\(first)\(stem)_\(baseTag)\(suffix)"] : [])
      + settings.tags.map { baseTag == BaseReference.defaultTag ? $0 : "\($0)_\(baseTag)" }
  }

  /// The merged settings as a pipeline file, for Sematic's SEMATIC_IMAGE_BUILD_CONFIG.
  ///
  /// Equal pipelines give equal text, whatever the machine; `data` is there as it is written, not file by file.
  package func buildConfiguration() throws -> String {
    let file = Node.map([("version", 1.node), ("pipelines", .map([(name, .map(settings.nodes))]))])
    return try serialize(node: file, width: -1, allowUnicode: true)
  }
}

extension PipelineConfiguration {
  /// The program that a launch starts.
  package indirect enum Program: Equatable, Sendable {
    /// An executable product.
    case product(String)
    case script(PythonScript)
  }

  /// The executable product that is the launch program; nil where a script is.
  package var product: String? { if case .product(let name) = program { name } else { nil } }

  package var script: PythonScript? { if case .script(let script) = program { script } else { nil } }

  /// The products that SwiftPM builds for the image.
  package var products: [String] {
    switch program {
    case .product(let name): [name]
    case .script(let script): script.products
    }
  }
}

/// A file of the package.
package struct PackageFile: Equatable, Sendable {
  /// The absolute path on this machine.
  package let path: String
  /// The path in the package; with `//`, in the repository.
  package let relativePath: String

  package init(path: String, relativePath: String) {
    self.path = path
    self.relativePath = relativePath
  }
}

/// The file that names Python packages, and the extras of it that are wanted.
package struct PythonRequirements: Equatable, Sendable {
  package let file: PackageFile
  package let extras: [String]
}

/// The registry that a pipeline's images go to.
package enum RegistryAddress: Hashable, Sendable {
  /// The embedded registry.
  case local
  /// - Parameter host: with its port, if it has one.
  case remote(host: String)
}

/// A registry that has what another one has, below a path of its own.
package struct RegistryMirror: Hashable, Sendable, CustomStringConvertible {
  /// The host, with its port if it has one.
  package let host: String
  /// The folder in front of the repository; empty for none.
  package let path: String

  package func repository(for repository: String) -> String { path.isEmpty ? repository : "\(path)/\(repository)" }

  package var description: String { path.isEmpty ? host : "\(host)/\(path)" }
}

/// One file of `data`, or a folder of it that is empty.
package struct DataFile: Equatable, Sendable {
  /// The absolute path on this machine.
  package let source: String
  /// The path in the image, absolute or in the working directory; nil for the path in the package.
  package let destination: String?
  /// The path in the package; with `//`, in the repository.
  package let relativePath: String
  package var isEmptyFolder = false
  /// Whether it is of this machine's system: a path, or the name of a library.
  package var isOfSystem = false
}

/// An entry of `data`: which files, and where they go.
package struct DataPattern: Hashable, Sendable, CustomStringConvertible {
  /// A path in the package with `*`, `?`, `[a-z]` and `**`.
  package let glob: String
  package let destination: String?
  /// Whether `glob` is a path of this machine's system, or the name of a library there.
  package var isOfSystem = false

  package var description: String { glob }
}

extension PipelineConfiguration {
  /// The merged settings for others to read, all of them as text. Of the environment only the names: values are secret.
  package var publicSettings: JSONValue {
    .object(
      Dictionary(
        settings.nodes.map { name, node in
          guard name == SettingsTable.shared.environment.row.name, case .mapping(let pairs) = node else {
            return (name, node.json)
          }
          return (name, .array(pairs.map { key, _ in key.json }))
        }
      ) { $1 })
  }
}

extension Node {
  fileprivate var json: JSONValue {
    switch self {
    case .scalar(let scalar): .string(scalar.string)
    case .sequence(let items): .array(items.map(\.json))
    case .mapping(let pairs): .object(Dictionary(pairs.map { ($0.key.scalar?.string ?? "", $0.value.json) }) { $1 })
    // Yams 5.3 and later have a case for aliases, which only its encoder makes.
    default: .null
    }
  }
}
