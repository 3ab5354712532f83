import SematicFiles
import SematicOCI
import SematicSystem

/// What a verb did, for `--metadata-file` and for the next step of the verb itself.
struct Metadata: Encodable, Sendable {
  struct Layer: Encodable, Sendable {
    let digest: Digest
    let diffID: Digest
    /// Compressed, in bytes.
    let size: Int64
    let createdBy: String
    /// present, mounted, written or left-out; nil when nothing was published.
    var outcome: String?
  }

  struct Image: Encodable, Sendable {
    /// The base tag.
    let tag: String
    let pipeline: String
    /// `name@sha256:...`, or where the image lies on disk.
    let reference: String
    let digest: Digest
    let base: String
    let platform: String
    /// Of the configuration, the manifest and all layers, in bytes.
    let size: Int64
    let imageTags: [String]
    let layers: [Layer]
    let bytesPushed: Int64
  }

  var images: [Image]
  var bytesPushed: Int64 { images.reduce(0) { $0 + $1.bytesPushed } }
  /// Wall-clock seconds, by step.
  var timings: [String: Double]

  private enum CodingKeys: String, CodingKey { case images, bytesPushed, timings }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(images, forKey: .images)
    try container.encode(bytesPushed, forKey: .bytesPushed)
    try container.encode(timings.mapValues { ($0 * 1000).rounded() / 1000 }, forKey: .timings)
  }
}
