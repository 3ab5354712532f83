import SematicOCI
import SematicSystem

/// An image at its location, not read yet.
package struct OpenedImage: Sendable {
  package let source: any ImageSource
  package let identifier: ManifestIdentifier
  /// Looks for an image on this machine's disk that may have been meant.
  private let onDisk: @Sendable () -> String?

  /// - Parameter onDisk: asked if the image cannot be read.
  package init(
    source: any ImageSource, identifier: ManifestIdentifier, onDisk: @escaping @Sendable () -> String? = { nil }
  ) {
    self.source = source
    self.identifier = identifier
    self.onDisk = onDisk
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
  /// - Throws: `BaseError`; whatever the source throws, perhaps as `NamedOnDisk`.
  package func resolve(_ platform: Platform) throws -> ResolvedBase {
    try explained { try source.image(identifier, platform: platform) }
  }

  /// Reads the image of every platform, in the order of the index; the only one where there is no index.
  /// - Throws: `BaseError`; whatever the source throws, perhaps as `NamedOnDisk`.
  package func images(otherwise platform: Platform) throws -> [ResolvedBase] {
    let platforms = try explained { try source.platforms(of: identifier) }
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

  private func explained<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as any ExplainedError where !(error is BaseError) {
      guard let meant = onDisk() else { throw error }
      throw NamedOnDisk(error: error, meant: meant)
    }
  }
}

/// An image that a registry does not give, and whose name is that of an image on this machine's disk.
package struct NamedOnDisk: ExplainedError {
  let error: any ExplainedError
  /// The location, as it should have been written.
  let meant: String

  package var description: String { "\(error)" }
  package var details: [String] { error.details }
  package var hint: String? { "for the image of that name on this machine's disk, write `\(meant)`" }
}
