import SematicOCI
import SematicSystem

/// A software bill of materials, from an inventory alone: equal inventories are equal bytes.
///
/// https://spdx.github.io/spdx-spec/v2.3/
package struct SPDXDocument {
  package static let mediaType = MediaType(rawValue: "application/spdx+json")

  private let inventory: Inventory

  package init(_ inventory: Inventory) { self.inventory = inventory }

  /// - Throws: `MissingLibrary` where the system has no libcrypto.
  package func encoded() throws -> Data { try json().canonicalBytes }

  func json() throws -> JSONValue {
    var identifiers: [String: String] = [:]
    for (index, file) in inventory.files.enumerated() { identifiers[file.path] = "SPDXRef-File-\(index + 1)" }
    let hashes = Dictionary(inventory.files.map { ($0.path, $0.sha1) }) { $1 }
    let parts = try inventory.components.enumerated().map { index, component in
      try package(component, "SPDXRef-Package-\(index + 1)", identifiers, hashes)
    }
    var document: [String: JSONValue] = [
      "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
      "name": .string(inventory.name),
      // The form for those without a site: https://spdx.github.io/spdx-spec/v2.3/document-creation-information/#65-spdx-document-namespace-field
      "documentNamespace": .string(
        "https://spdx.org/spdxdocs/\(PackageURL.encoded(inventory.name))-\(inventory.digest.algorithm.rawValue)-"
          + inventory.digest.hex),
      "creationInfo": .object([
        "created": .string(inventory.created),
        "creators": .array([.string("Tool: " + inventory.tool.replacing(" ", with: "-", maxReplacements: 1))]),
      ]),
      "packages": .array([image] + parts),
      "files": .array(
        inventory.files.enumerated().map { index, file in
          .object([
            "SPDXID": .string("SPDXRef-File-\(index + 1)"), "fileName": .string("./" + file.path),
            "checksums": .array([Self.checksum("SHA1", file.sha1), Self.checksum("SHA256", file.sha256)]),
          ])
        }),
      "relationships": .array(relationships),
    ]
    document["comment"] = inventory.comment.map(JSONValue.string)
    return .object(document)
  }

  private static let imageIdentifier = "SPDXRef-Image"

  private var image: JSONValue {
    let name = inventory.name.split(separator: "/").last.map(String.init) ?? "image"
    let url = PackageURL(
      type: "oci", name: name.lowercased(), version: inventory.digest.description,
      qualifiers: [("arch", inventory.platform.architecture), ("os", inventory.platform.os)])
    return .object([
      "SPDXID": .string(Self.imageIdentifier), "name": .string(inventory.name),
      "versionInfo": .string(inventory.digest.description), "downloadLocation": "NOASSERTION",
      "filesAnalyzed": .bool(false),
      "primaryPackagePurpose": "CONTAINER", "checksums": .array([Self.checksum(inventory.digest)]),
      "externalRefs": .array([Self.reference(url.description)]),
    ])
  }

  private func package(
    _ component: Component, _ identifier: String, _ identifiers: [String: String], _ hashes: [String: String]
  ) throws -> JSONValue {
    var package: [String: JSONValue] = [
      "SPDXID": .string(identifier), "name": .string(component.name),
      "downloadLocation": "NOASSERTION",
      "filesAnalyzed": .bool(!component.files.isEmpty), "primaryPackagePurpose": Self.purpose(of: component.kind),
    ]
    if let location = component.location {
      package[Self.isDownloadLocation(location) ? "downloadLocation" : "sourceInfo"] = .string(location)
    }
    package["versionInfo"] = component.version.map(JSONValue.string)
    package["comment"] = component.comment.map(JSONValue.string)
    if let url = component.packageURL { package["externalRefs"] = .array([Self.reference(url)]) }
    if !component.digests.isEmpty { package["checksums"] = .array(component.digests.map(Self.checksum)) }
    guard !component.files.isEmpty else { return .object(package) }
    package["hasFiles"] = .array(component.files.compactMap { identifiers[$0].map(JSONValue.string) })
    // https://spdx.github.io/spdx-spec/v2.3/package-information/#79-package-verification-code-field
    let all = component.files.compactMap { hashes[$0] }.sorted().joined()
    package["packageVerificationCode"] = .object([
      "packageVerificationCodeValue": .string(try SHA1Hasher.hash(of: Array(all.utf8)))
    ])
    return .object(package)
  }

  private var relationships: [JSONValue] {
    func relation(_ from: String, _ type: String, _ to: String) -> JSONValue {
      .object([
        "spdxElementId": .string(from), "relationshipType": .string(type), "relatedSpdxElement": .string(to),
      ])
    }
    var all = [relation("SPDXRef-DOCUMENT", "DESCRIBES", Self.imageIdentifier)]
    let application = inventory.components.firstIndex { $0.kind == .application }
    for (index, component) in inventory.components.enumerated() {
      let identifier = "SPDXRef-Package-\(index + 1)"
      let isBase = component.kind == .base
      all.append(relation(Self.imageIdentifier, isBase ? "DESCENDANT_OF" : "CONTAINS", identifier))
      if component.kind == .swift, let application {
        all.append(relation("SPDXRef-Package-\(application + 1)", "DEPENDS_ON", identifier))
      }
    }
    return all
  }

  /// Whether readers take an address for one: the library of the SPDX project wants a host with a common ending.
  ///
  /// https://github.com/spdx/tools-python/blob/v0.8.3/src/spdx_tools/spdx/validation/uri_validators.py
  private static func isDownloadLocation(_ location: String) -> Bool {
    guard let start = location.firstRange(of: "://")?.upperBound else { return false }
    let authority = location[start...].prefix { $0 != "/" }.split(separator: ":", maxSplits: 1)
    guard let host = authority.first else { return false }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    let isPort = authority.dropFirst().allSatisfy { $0.count < 6 && $0.utf8.allSatisfy { (48...57).contains($0) } }
    guard labels.count > 1, let last = labels.last, (2...5).contains(last.count), isPort else { return false }
    return last.utf8.allSatisfy { (97...122).contains($0) }
      && host.split(omittingEmptySubsequences: false, whereSeparator: { ".-".contains($0) }).allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
      }
  }

  private static func purpose(of kind: Component.Kind) -> JSONValue {
    switch kind {
    case .application, .tool: "APPLICATION"
    case .runtime, .swift, .python: "LIBRARY"
    case .system: "OPERATING_SYSTEM"
    case .base: "CONTAINER"
    case .layer: "ARCHIVE"
    }
  }

  private static func checksum(_ algorithm: String, _ value: String) -> JSONValue {
    .object(["algorithm": .string(algorithm), "checksumValue": .string(value)])
  }

  private static func checksum(_ digest: Digest) -> JSONValue {
    checksum(digest.algorithm.rawValue.uppercased(), digest.hex)
  }

  private static func reference(_ url: String) -> JSONValue {
    .object([
      "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": .string(url),
    ])
  }
}
