import SematicELF

/// What a layer will hold, decided before any byte of it is written.
package struct LayerRecipe: Hashable, Sendable {
  /// How often it changes, and so where it lies: the rarest at the bottom.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The system's loader and C library: only above `scratch`.
    case system
    /// Swift's runtime libraries: they change with the toolchain.
    case runtime
    /// Python packages: they change with the requirements.
    case requirements
    /// Data of the pipeline file: often large, and seldom changed.
    case data
    /// Resource bundles: they change with the source.
    case resources
    /// Dynamic libraries of the package.
    case libraries
    /// The launch program and the entrypoint.
    case program
  }

  package let kind: Kind
  package let entries: [LayerEntry]

  package init(kind: Kind, entries: [LayerEntry]) {
    self.kind = kind
    self.entries = entries
  }
}

/// One file, folder or link of a layer.
package struct LayerEntry: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case directory
    /// A file of this machine, by absolute path; a symbolic link there is followed.
    case file(String)
    /// The same of an ELF file, without its debug information.
    case stripped(String)
    /// A small file that we write ourselves.
    case bytes([UInt8])
    case symbolicLink(String)
  }

  /// In the image, without the leading slash: `sematic/bin/Example`.
  package let path: String
  package let content: Content
  /// Permission bits; of a file on disk nil means: 0o755 if its owner may execute it, else 0o644.
  package let mode: UInt16?

  package init(path: String, content: Content, mode: UInt16? = nil) {
    self.path = path
    self.content = content
    self.mode = mode
  }

  /// Of the file on this machine, if it is one.
  package var source: String? {
    switch content {
    case .file(let path), .stripped(let path): path
    case .directory, .bytes, .symbolicLink: nil
    }
  }
}
