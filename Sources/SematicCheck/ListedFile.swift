/// An entry of a layer: what its tar header says of a path.
package struct ListedFile: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case file
    case directory
    case symbolicLink(String)
    case hardLink(String)
    /// A device, a pipe.
    case other
  }

  package let kind: Kind
  /// Permission bits, without the type.
  package let mode: UInt16
  package let owner: Int64
  package let group: Int64
  /// The size of the content, in bytes.
  package let size: Int64
  /// The number of the archive's entry, from 0. A path's last entry says what its content is.
  let position: Int

  package init(
    _ kind: Kind, mode: UInt16, owner: Int64 = 0, group: Int64 = 0, size: Int64 = 0, position: Int = -1
  ) {
    self.kind = kind
    self.mode = mode
    self.owner = owner
    self.group = group
    self.size = size
    self.position = position
  }

  /// A folder that no layer describes: runtimes create it like this.
  static let folder = ListedFile(.directory, mode: 0o755)
}
