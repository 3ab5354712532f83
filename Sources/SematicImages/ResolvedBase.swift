import SematicOCI
import SematicSystem

/// A base image that was read.
package final class ResolvedBase: Sendable {
  package let source: any ImageSource
  package let image: Image
  /// The manifest for the platform.
  package let manifest: ManifestDocument
  /// The digest of the index that it was chosen from.
  package let indexDigest: Digest?
  package let platform: Platform

  init(
    source: any ImageSource, image: Image, manifest: ManifestDocument, indexDigest: Digest?, platform: Platform
  ) {
    (self.source, self.image, self.manifest) = (source, image, manifest)
    (self.indexDigest, self.platform) = (indexDigest, platform)
  }
}

extension ImageSource {
  /// Finds the image for a platform, and reads its configuration.
  /// - Throws: `BaseError`; whatever the source throws.
  package func image(_ identifier: ManifestIdentifier, platform: Platform) throws -> ResolvedBase {
    do {
      return try findImage(identifier, platform: platform)
    } catch let error as MalformedValue {
      throw BaseError.malformed(description(of: identifier), error)
    }
  }

  /// The platforms that an index names; none where there is no index.
  package func platforms(of identifier: ManifestIdentifier) throws -> [Platform] {
    let found = try manifest(identifier)
    guard case .index = found.content else { return [] }
    var search = PlatformSearch(source: self, wanted: nil)
    try search.collect(from: found, depth: 1)
    return search.platforms
  }

  private func findImage(_ identifier: ManifestIdentifier, platform wanted: Platform) throws -> ResolvedBase {
    let found = try manifest(identifier)
    var chosen = found
    if case .index = found.content {
      var search = PlatformSearch(source: self, wanted: wanted)
      try search.collect(from: found, depth: 1)
      guard let best = try search.best() else {
        throw BaseError.noPlatform(base: description(of: identifier), wanted: wanted, available: search.platforms)
      }
      chosen = best
    }
    guard case .manifest(let manifest) = chosen.content else {
      throw BaseError.notAnImage(description(of: identifier), chosen.descriptor.mediaType)
    }
    let configuration = try readConfiguration(of: manifest).completed(for: wanted)
    var expected = wanted
    // The variant is often missing here although the index has it.
    if chosen.descriptor.digest != found.descriptor.digest { expected.variant = nil }
    guard configuration.platform.satisfies(expected) else {
      throw BaseError.platformMismatch(base: description(of: identifier), is: configuration.platform, wanted: wanted)
    }
    try checkSizes(of: manifest)
    return ResolvedBase(
      source: self, image: try Image(base: manifest, configuration: configuration), manifest: chosen,
      indexDigest: chosen.descriptor.digest == found.descriptor.digest ? nil : found.descriptor.digest,
      platform: configuration.platform)
  }

  /// Checks that the sizes can be added up, with those of more layers.
  private func checkSizes(of manifest: Manifest) throws {
    var total: Int64 = 0
    for layer in manifest.layers {
      let (sum, isTooLarge) = total.addingReportingOverflow(layer.size)
      guard layer.size >= 0, !isTooLarge, sum <= 1 << 60 else {
        throw MalformedValue(
          kind: "layer size", value: "\(layer.size)", expected: "a number of bytes, at most 2^60 for all layers")
      }
      total = sum
    }
  }

  fileprivate func readConfiguration(of manifest: Manifest) throws -> ImageConfiguration {
    guard manifest.config.mediaType.openContainers == .configuration else {
      throw BaseError.notAnImage(name, manifest.artifactType.map(MediaType.init) ?? manifest.config.mediaType)
    }
    return try ImageConfiguration(bytes: readBlob(manifest.config, limit: ManifestDocument.sizeLimit))
  }

  /// `name:tag` or `name@digest`.
  private func description(of identifier: ManifestIdentifier) -> String {
    switch identifier {
    case .tag(let tag): "\(name):\(tag)"
    case .digest(let digest): "\(name)@\(digest)"
    }
  }

  /// Reads a small blob completely, and checks it.
  /// - Throws: `MalformedValue` when it is larger than `limit`.
  package func readBlob(_ descriptor: Descriptor, limit: Int64) throws -> Data {
    guard (0...limit).contains(descriptor.size) else {
      throw MalformedValue(
        kind: "blob size", value: "\(descriptor.size)", expected: "at most \(limit) bytes for \(descriptor.digest)")
    }
    var bytes = Data(capacity: Int(descriptor.size))
    try readBlob(descriptor) { bytes.append(contentsOf: $0) }
    return bytes
  }
}

/// The search for a platform in an index and its nested indexes.
private struct PlatformSearch {
  let source: any ImageSource
  /// Nil for all.
  let wanted: Platform?
  private var matching: [Descriptor] = []
  /// The entries that name no platform.
  private var silent: [Descriptor] = []
  private(set) var platforms: [Platform] = []
  private var documents = 0

  init(source: any ImageSource, wanted: Platform?) {
    self.source = source
    self.wanted = wanted
  }

  mutating func collect(from document: ManifestDocument, depth: Int) throws {
    guard case .index(let index) = document.content else { return }
    for entry in index.manifests {
      if entry.mediaType.isIndex {
        guard depth < 4 else { throw BaseError.tooDeep(source.name) }
        if let wanted, let platform = entry.platform?.normalized, !platform.os.isEmpty, !platform.satisfies(wanted) {
          continue
        }
        try collect(from: read(entry), depth: depth + 1)
      } else if entry.mediaType.isManifest {
        note(entry)
      }
    }
  }

  private mutating func note(_ entry: Descriptor) {
    guard let platform = entry.platform?.normalized, !platform.os.isEmpty, !platform.architecture.isEmpty else {
      return silent.append(entry)
    }
    // Attestations have this platform: https://docs.docker.com/build/metadata/attestations/attestation-storage/
    guard platform.os != "unknown", platform.architecture != "unknown" else { return }
    if !platforms.contains(platform) { platforms.append(platform) }
    if let wanted, platform.satisfies(wanted) { matching.append(entry) }
  }

  mutating func best() throws -> ManifestDocument? {
    guard let wanted else { return nil }
    if let chosen = matching.first(where: { $0.platform?.variant == wanted.variant }) ?? matching.min(by: isLower) {
      return try read(chosen)
    }
    for entry in silent {
      let document = try read(entry)
      guard case .manifest(let manifest) = document.content,
        manifest.config.mediaType.openContainers == .configuration
      else { continue }
      let platform = try source.readConfiguration(of: manifest).completed(for: wanted).platform
      if platform.satisfies(wanted) { return document }
      if !platforms.contains(platform) { platforms.append(platform) }
    }
    return nil
  }

  /// Whether a variant runs on more processors: v2 before v3.
  private func isLower(_ first: Descriptor, _ second: Descriptor) -> Bool {
    let (first, second) = (first.platform?.variant ?? "", second.platform?.variant ?? "")
    return (first.utf8.count, first) < (second.utf8.count, second)
  }

  private mutating func read(_ entry: Descriptor) throws -> ManifestDocument {
    documents += 1
    guard documents <= 64 else { throw BaseError.tooDeep(source.name) }
    let document = try source.manifest(.digest(entry.digest))
    let size = Int64(document.bytes.count)
    guard size == entry.size else {
      throw BlobMismatch(descriptor: entry, place: source.name, found: size > entry.size ? .more : .size(size))
    }
    return document
  }
}

extension ImageConfiguration {
  /// The configuration with a complete platform.
  ///
  /// Some tools write none, or another name of the architecture.
  fileprivate func completed(for wanted: Platform) -> ImageConfiguration {
    var platform = platform.normalized
    if platform.os.isEmpty { platform.os = wanted.os }
    if platform.architecture.isEmpty {
      platform.architecture = wanted.architecture
      platform.variant = platform.variant ?? wanted.variant
    }
    guard platform != self.platform else { return self }
    var configuration = self
    configuration.platform = platform
    return configuration
  }
}
