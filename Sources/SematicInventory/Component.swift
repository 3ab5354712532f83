import SematicOCI
import SematicSystem

/// A part of an image that has a name of its own: a package, a runtime, the base.
package struct Component: Hashable, Sendable {
  package enum Kind: Int, Equatable, Sendable {
    case application, tool, runtime, swift, python, system, base, layer
  }

  package let kind: Kind
  package let name: String
  package var version: String?
  /// What tools look a package up by.
  package var packageURL: String?
  /// Where its sources are; nil where that is not known.
  package var location: String?
  /// The commit of its sources.
  package var revision: String?
  /// What proves its whole content.
  package var digests: [Digest] = []
  package var comment: String?
  /// The paths of its files in the image.
  package var files: [String] = []

  init(_ kind: Kind, _ name: String, version: String? = nil, packageURL: PackageURL? = nil) {
    self.kind = kind
    self.name = name
    self.version = version
    self.packageURL = packageURL?.description
  }

  /// What the pipeline itself consists of: its program, sources, data.
  package static func application(_ name: String) -> Component { Component(.application, name) }

  /// The tool, whose entrypoint the image has.
  package static func tool(version: String?) -> Component { Component(.tool, "swift-sematic", version: version) }

  /// Swift's runtime libraries.
  package static func runtime(version: String?) -> Component {
    Component(
      .runtime, "Swift", version: version, packageURL: PackageURL(type: "generic", name: "swift", version: version))
  }

  /// A package of Swift that the program links.
  /// - Parameters:
  ///   - revision: the commit; nil for a package of this machine, whose state has no name.
  ///   - address: as the manifest has it; what is secret in it is not kept.
  package static func swiftPackage(
    _ name: String, version: String?, revision: String?, address: String?
  ) -> Component {
    let source = address.flatMap { SourceAddress($0) }
    var url: PackageURL?
    if let source, let last = source.names.last {
      url = PackageURL(
        type: "swift", namespace: source.names.dropLast(), name: last, version: version ?? revision)
    }
    var component = Component(.swift, name, version: version ?? revision, packageURL: url)
    component.location = source?.location(revision: revision)
    component.revision = revision
    return component
  }

  package static func pythonPackage(_ distribution: PythonDistribution) -> Component {
    // https://packaging.python.org/en/latest/specifications/name-normalization/
    let name = distribution.name.lowercased().split { "-_.".contains($0) }.joined(separator: "-")
    var component = Component(
      .python, distribution.name, version: distribution.version,
      packageURL: PackageURL(type: "pypi", name: name, version: distribution.version))
    component.files = distribution.files
    return component
  }

  /// Files of this machine's system that no package is known for.
  package static func system(_ release: SystemRelease) -> Component {
    var component = Component(.system, release.identifier ?? "system", version: release.version)
    component.comment = "files of the system that no package is known for"
    return component
  }

  /// - Parameter name: the reference; nil where only the machine that built the image could read it.
  package static func base(_ digest: Digest, name: String?) -> Component {
    let reference = name.flatMap { try? ImageReference($0) }
    let repository = reference.map { "\($0.registry)/\($0.repository)" }
    let last = reference?.repository.split(separator: "/").last.map(String.init)
    var component = Component(
      .base, name ?? "base", version: digest.description,
      packageURL: PackageURL(
        type: "oci", name: last ?? "base", version: digest.description,
        qualifiers: [("repository_url", repository ?? ""), ("tag", reference?.tag ?? "")]))
    component.digests = [digest]
    return component
  }

  /// A layer that is only known by its digest.
  static func layer(_ digest: Digest) -> Component {
    var component = Component(.layer, "layer \(digest)")
    component.digests = [digest]
    return component
  }
}

extension Component: Comparable {
  package static func < (left: Component, right: Component) -> Bool {
    if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
    func key(_ component: Component) -> [String] {
      [component.name, component.version ?? "", component.packageURL ?? "", component.location ?? ""]
    }
    return key(left).lexicographicallyPrecedes(key(right))
  }
}
