import SematicOCI

/// An image at its location, not read yet.
package struct OpenedImage: Sendable {
  package let source: any ImageSource
  package let identifier: ManifestIdentifier

  package init(source: any ImageSource, identifier: ManifestIdentifier) {
    self.source = source
    self.identifier = identifier
  }

  /// Opens an image on this machine's disk.
  /// - Parameter name: the name or tag of the image; nil where there is only one.
  package init(_ format: ImageFormat, path: String, name: String?) throws {
    if format == .oci {
      let layout = try ImageLayout(path)
      self.init(source: layout, identifier: try layout.identifier(tag: name))
    } else {
      let archive = try ImageArchive(path, format: format)
      self.init(source: archive, identifier: try archive.identifier(tag: name))
    }
  }

  /// Reads the manifest and configuration for a platform.
  /// - Throws: `BaseError`; whatever the source throws.
  package func resolve(_ platform: Platform) throws -> ResolvedBase { try source.image(identifier, platform: platform) }

  /// Reads the image of every platform, in the order of the index; the only one where there is no index.
  /// - Throws: `BaseError`; whatever the source throws.
  package func images(otherwise platform: Platform) throws -> [ResolvedBase] {
    let platforms = try source.platforms(of: identifier)
    return try platforms.isEmpty ? [resolve(preferring: platform)] : platforms.map { try resolve($0) }
  }

  /// Reads the image for a platform or, where there is none for it, for another one.
  package func resolve(preferring platform: Platform) throws -> ResolvedBase {
    do {
      return try resolve(platform)
    } catch BaseError.platformMismatch(_, let platform, _) {
      return try resolve(platform)
    } catch BaseError.noPlatform(_, _, let available) where !available.isEmpty {
      return try resolve(available[0])
    }
  }
}
