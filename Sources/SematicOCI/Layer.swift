/// One layer of an image: what it is, and where its bytes are to be had.
package struct Layer: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// A file of this machine that holds the blob as described.
    case file(String)
    /// The base image's place has it.
    case base
  }

  /// Of the blob as it travels, usually compressed.
  package let descriptor: Descriptor
  /// Of the uncompressed tar archive.
  package let diffID: Digest
  package let content: Content
  /// What the image's history says of this layer; nil for a base layer, whose history is the base's.
  package let createdBy: String?

  package init(descriptor: Descriptor, diffID: Digest, content: Content, createdBy: String? = nil) {
    self.descriptor = descriptor
    self.diffID = diffID
    self.content = content
    self.createdBy = createdBy
  }
}
