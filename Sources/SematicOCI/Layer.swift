/// A layer of an image: what it is, and where its bytes are.
package struct Layer: Equatable, Sendable {
  package enum Content: Hashable, Sendable {
    /// A file of this machine that holds the blob as described.
    case file(String)
    /// The base image's place has it.
    case base
  }

  /// The descriptor of the blob as it travels, usually compressed.
  package let descriptor: Descriptor
  /// The digest of the uncompressed tar archive.
  package let diffID: Digest
  package let content: Content
  /// The image history's text about this layer; nil for a base layer, whose history is the base's.
  package let createdBy: String?

  package init(descriptor: Descriptor, diffID: Digest, content: Content, createdBy: String? = nil) {
    self.descriptor = descriptor
    self.diffID = diffID
    self.content = content
    self.createdBy = createdBy
  }
}
