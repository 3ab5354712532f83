import SematicFiles
import SematicOCI
import SematicSystem

/// The outcome of a verb, for `--metadata-file` and for the verb's next step.
struct Metadata: Encodable, Sendable {
  struct Layer: Encodable, Sendable {
    let digest: Digest
    let diffID: Digest
    /// Compressed, in bytes.
    let size: Int64
    let createdBy: String
    /// present, mounted, written or left-out; nil if nothing was published.
    var outcome: String?
  }

  /// The image of one platform below an index.
  struct Platform: Encodable, Sendable {
    let platform: String
    let digest: Digest
    let layers: [Digest]
  }

  /// A document that is stored beside an image.
  struct Attachment: Encodable, Sendable {
    let digest: Digest
    let type: String
    /// The manifest that it is about.
    let subject: Digest
  }

  struct Image: Encodable, Sendable {
    /// The base tag.
    let tag: String
    let pipeline: String
    /// `name@sha256:...`, or where the image lies on disk.
    let reference: String
    /// The index's, where there is one.
    let digest: Digest
    let base: String
    /// With an index, all platforms, separated by commas.
    let platform: String
    /// The bytes of the configuration, the manifest and all layers; with an index, those of all platforms.
    let size: Int64
    let imageTags: [String]
    /// Each once.
    let layers: [Layer]
    /// Nil without an index.
    let platforms: [Platform]?
    var bytesPushed: Int64
    /// What is stored beside the image; nil where there is nothing.
    let attachments: [Attachment]?
  }

  let images: [Image]

  /// Writes the file.
  /// - Throws: `FileError`.
  func write(to file: String, timings: Timings) throws {
    let document = Document(
      images: images, bytesPushed: images.reduce(0) { $0 + $1.bytesPushed },
      timings: timings.seconds.mapValues { ($0 * 1000).rounded() / 1000 })
    try AtomicFile.write(canonicalJSON(document, pretty: true) + Data("\n".utf8), given: file)
  }

  private struct Document: Encodable {
    let images: [Image]
    let bytesPushed: Int64
    /// Wall-clock seconds, by step.
    let timings: [String: Double]
  }
}
