import Foundation
import SematicFiles
import SematicOCI

/// Reads a layout folder with as little code as possible, and none of the product's that wrote it.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
package struct LayoutReader: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// The tags of its index.
  package func tags() throws -> [String] { try entries().compactMap(\.tag) }

  /// Of the manifest with this tag; the only one if there is just one and no tag is asked for.
  package func digest(tag: String? = nil) throws -> String {
    let entries = try entries()
    let found = tag.map { tag in entries.filter { $0.tag == tag } } ?? entries
    guard let entry = found.first, found.count == 1 else {
      throw ChildProcess.Failure("\(path) has \(found.count) images \(tag ?? ""), and \(entries.count) in all")
    }
    return entry.digest
  }

  package func manifest(tag: String? = nil) throws -> Manifest {
    try JSONDecoder().decode(Manifest.self, from: try blob(digest(tag: tag)))
  }

  package func configuration(tag: String? = nil) throws -> ImageConfiguration {
    try ImageConfiguration(bytes: try blob(manifest(tag: tag).config.digest.description))
  }

  package func hasBlob(_ digest: String) -> Bool { FileTree.exists(file(digest)) }

  package func blob(_ digest: String) throws -> Data { Data(try FileTree.read(file(digest))) }

  private func file(_ digest: String) -> String {
    "\(path)/blobs/\(digest.replacingOccurrences(of: ":", with: "/"))"
  }

  private func entries() throws -> [(digest: String, tag: String?)] {
    let index = try JSONSerialization.jsonObject(with: Data(try FileTree.read("\(path)/index.json"))) as? [String: Any]
    return (index?["manifests"] as? [[String: Any]] ?? []).compactMap { entry in
      guard let digest = entry["digest"] as? String else { return nil }
      let annotations = entry["annotations"] as? [String: String]
      return (digest, annotations?["org.opencontainers.image.ref.name"])
    }
  }
}
