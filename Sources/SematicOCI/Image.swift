import SematicSystem

/// An image: an immutable value; a change makes a new one.
package struct Image: Equatable, Sendable {
  package let configuration: ImageConfiguration
  /// The layers, lowest first: the base's before ours.
  package let layers: [Layer]
  /// The manifest's annotations.
  package let annotations: [String: String]

  package init(configuration: ImageConfiguration, layers: [Layer], annotations: [String: String] = [:]) {
    self.configuration = configuration
    self.layers = layers
    self.annotations = annotations
  }

  /// An image of nothing.
  package static func scratch(_ platform: Platform) -> Image {
    Image(configuration: ImageConfiguration(platform: platform), layers: [])
  }

  /// The image that a manifest and its configuration describe; all its layers are the base's.
  /// - Throws: `MalformedValue` when the two do not agree on the number of layers.
  package init(base manifest: Manifest, configuration: ImageConfiguration) throws {
    let identifiers = configuration.diffIDs
    guard identifiers.count == manifest.layers.count else {
      throw MalformedValue(
        kind: "image", value: manifest.config.digest.description,
        expected:
          "as many layers in the manifest (\(manifest.layers.count)) as in the configuration (\(identifiers.count))")
    }
    self.init(
      configuration: configuration,
      layers: zip(manifest.layers, identifiers).map { descriptor, diffID in
        var descriptor = descriptor
        descriptor.mediaType = descriptor.mediaType.openContainers
        return Layer(descriptor: descriptor, diffID: diffID, content: .base)
      })
  }

  package func appending(_ added: [Layer], created: CreationTime = .fixed) -> Image {
    var configuration = configuration
    configuration.append(added, created: created)
    return Image(configuration: configuration, layers: layers + added, annotations: annotations)
  }

  package func configured(_ change: (inout ImageConfiguration) throws -> Void) rethrows -> Image {
    var configuration = configuration
    try change(&configuration)
    return Image(configuration: configuration, layers: layers, annotations: annotations)
  }

  package func annotated(_ added: [String: String]) -> Image {
    Image(configuration: configuration, layers: layers, annotations: annotations.merging(added) { $1 })
  }

  /// The annotations about the base that an image was built on.
  ///
  /// https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md#pre-defined-annotation-keys
  /// - Parameter name: the base's reference, where it can be found by others, too: nil for a file of this machine.
  package static func annotations(ofBase digest: Digest, name: String?) -> [String: String] {
    var annotations = ["org.opencontainers.image.base.digest": digest.description]
    annotations["org.opencontainers.image.base.name"] = name
    return annotations
  }

  /// The bytes that are published besides the layers, and their descriptors.
  package struct Encoded: Equatable, Sendable {
    package let configuration: Data
    package let configurationDescriptor: Descriptor
    package let manifest: Data
    /// Its digest is the image's.
    package let manifestDescriptor: Descriptor
  }

  package func encoded() throws -> Encoded {
    let configurationBytes = try configuration.encoded()
    let configurationDescriptor = try Descriptor(of: configurationBytes, mediaType: .configuration)
    let manifest = Manifest(
      config: configurationDescriptor, layers: layers.map(\.descriptor),
      annotations: annotations.isEmpty ? nil : annotations)
    let manifestBytes = try canonicalJSON(manifest)
    return Encoded(
      configuration: configurationBytes, configurationDescriptor: configurationDescriptor, manifest: manifestBytes,
      manifestDescriptor: try Descriptor(of: manifestBytes, mediaType: .manifest))
  }
}
