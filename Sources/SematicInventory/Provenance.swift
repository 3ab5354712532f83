import SematicOCI
import SematicSystem

/// How an image came about, as an unsigned in-toto statement.
///
/// https://slsa.dev/spec/v1.0/provenance, https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
package struct Provenance {
  package static let mediaType = MediaType(rawValue: "application/vnd.in-toto+json")

  /// The package's sources.
  package struct Source: Equatable, Sendable {
    /// The repository's address; nil where it has none that means something to others.
    let address: SourceAddress?
    let commit: String
    /// Whether there are files that the commit does not have, or has otherwise.
    let isDirty: Bool

    package init(address: SourceAddress?, commit: String, isDirty: Bool) {
      self.address = address
      self.commit = commit
      self.isDirty = isDirty
    }
  }

  private let inventory: Inventory
  private let command: String
  private let settings: JSONValue
  private let source: Source?

  /// - Parameters:
  ///   - command: the tool's command: `push`.
  ///   - settings: the pipeline's, without anything that is secret.
  package init(_ inventory: Inventory, command: String, settings: JSONValue, source: Source?) {
    self.inventory = inventory
    self.command = command
    self.settings = settings
    self.source = source
  }

  package func encoded() -> Data { statement.canonicalBytes }

  var statement: JSONValue {
    .object([
      "_type": "https://in-toto.io/Statement/v1",
      "subject": .array([
        .object(["name": .string(inventory.name), "digest": Self.digests(inventory.digest)])
      ]),
      "predicateType": "https://slsa.dev/provenance/v1",
      "predicate": .object([
        "buildDefinition": .object([
          "buildType": "urn:swift-sematic:image:v1",
          "externalParameters": .object(["command": .string(command), "settings": settings]),
          "resolvedDependencies": .array(dependencies),
        ]),
        "runDetails": .object([
          "builder": .object([
            "id": "urn:swift-sematic:ImageTool", "version": .object(["swift-sematic": .string(inventory.tool)]),
          ])
        ]),
      ]),
    ])
  }

  private static func digests(_ digest: Digest) -> JSONValue {
    .object([digest.algorithm.rawValue: .string(digest.hex)])
  }

  private var dependencies: [JSONValue] {
    var all: [JSONValue] = []
    if let source {
      var entry: [String: JSONValue] = [
        "name": "source", "digest": .object(["gitCommit": .string(source.commit)]),
        "annotations": .object(["dirty": .bool(source.isDirty)]),
      ]
      entry["uri"] = source.address.map { .string($0.location(revision: source.commit)) }
      all.append(.object(entry))
    }
    for component in inventory.components where ![.application, .tool].contains(component.kind) {
      var entry: [String: JSONValue] = ["name": .string(component.name)]
      entry["uri"] = (component.location ?? component.packageURL).map(JSONValue.string)
      if let digest = component.digests.first {
        entry["digest"] = Self.digests(digest)
      } else if let revision = component.revision {
        entry["digest"] = .object(["gitCommit": .string(revision)])
      }
      if component.packageURL == nil, let version = component.version {
        entry["annotations"] = .object(["version": .string(version)])
      }
      all.append(.object(entry))
    }
    return all
  }
}
