/// What an image is built on.
package struct Base: Hashable, Sendable {
  package let source: BaseSource
  /// Nil where no descriptor was named.
  package let descriptor: BaseDescriptor?
  /// As the person wrote it; of a folder outside of the package only the name.
  package let written: String
}

/// A base and the tag by which Sematic's functions choose it.
package struct NamedBase: Hashable, Sendable {
  package static let defaultTag = "default"
  /// As Sematic documents it.
  package static let defaultBase = "worker-cuda"

  package let tag: String
  package let base: Base
}
