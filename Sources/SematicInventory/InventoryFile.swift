/// A file of an image, with what proves its content.
package struct InventoryFile: Equatable, Sendable {
  /// The path in the image, without the leading slash.
  package let path: String
  /// In hexadecimal digits.
  package let sha1: String
  /// In hexadecimal digits.
  package let sha256: String

  package init(path: String, sha1: String, sha256: String) {
    self.path = path
    self.sha1 = sha1
    self.sha256 = sha256
  }
}
