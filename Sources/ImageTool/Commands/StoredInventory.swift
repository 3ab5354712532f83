import SematicArchive
import SematicAssembly
import SematicFiles
import SematicImages
import SematicInventory
import SematicOCI
import SematicSystem

/// What is stored beside an image about what is inside, or what the image itself tells.
final class StoredInventory {
  private let found: ResolvedBase
  private let name: String
  private let console: Console

  /// More than the list of a million files has.
  private static let sizeLimit: Int64 = 512 << 20

  init(_ found: ResolvedBase, _ name: String, _ console: Console) {
    self.found = found
    self.name = name
    self.console = console
  }

  private var digest: Digest { found.manifest.descriptor.digest }

  /// The bill of materials that is stored; without one, one that is made of what the image has.
  func bill() throws -> String {
    if let stored = try stored(SPDXDocument.mediaType) { return stored }
    console.say("no bill of materials is stored beside the image; this is what the image itself tells")
    return String(decoding: try SPDXDocument(read()).encoded(), as: UTF8.self)
  }

  /// - Throws: `MissingProvenance`.
  func provenance() throws -> String {
    guard let stored = try stored(Provenance.mediaType) else { throw MissingProvenance(image: name) }
    return stored
  }

  private func stored(_ type: MediaType) throws -> String? {
    let documents = try found.source.attachments(to: digest, type: type)
    guard let newest = documents.first else { return nil }
    if documents.count > 1 {
      console.say(
        "\(documents.count) documents of the type \(type) are stored beside the image; this is \(newest.digest): the newest by "
          + "org.opencontainers.image.created, or the first digest of the same time")
    }
    return String(decoding: try found.source.readBlob(newest, limit: Self.sizeLimit), as: UTF8.self)
  }

  /// The inventory by the manifest, the configuration and this tool's own layers, which are read.
  private func read() throws -> Inventory {
    let configuration = found.image.configuration
    let history = (configuration.document["history"]?.array ?? []).filter { $0["empty_layer"] != .bool(true) }
    var annotations: [String: String] = [:]
    if case .manifest(let manifest) = found.manifest.content { annotations = manifest.annotations ?? [:] }
    var room = LayerContents.Room()
    let layers = try found.image.layers.enumerated().map { index, layer in
      let text = history.indices.contains(index) ? history[index]["created_by"]?.string : nil
      guard let text, text.hasPrefix(LayerPlan.historyPrefix) else {
        return (layer.descriptor.digest, nil as (kind: String, contents: LayerContents)?)
      }
      return (
        layer.descriptor.digest,
        (
          kind: String(text.dropFirst(LayerPlan.historyPrefix.count)),
          contents: try contents(of: layer.descriptor, within: &room)
        )
      )
    }
    let base = annotations["org.opencontainers.image.base.digest"].flatMap { try? Digest($0) }
    return Inventory(
      of: name, digest: digest, platform: found.platform,
      created: (configuration.created ?? .fixed).text, tool: ToolVersion.described,
      base: base.map { ($0, annotations["org.opencontainers.image.base.name"]) }, layers: layers)
  }

  private func contents(of layer: Descriptor, within room: inout LayerContents.Room) throws -> LayerContents {
    // Fetched into a file: an archive is read by whoever asks for the next bytes.
    let folder = FileManager.default.temporaryDirectory.path + "/swift-sematic-\(getpid())"
    defer { try? FileTree.remove(folder) }
    if let content = try found.source.localContent(of: layer) {
      return try LayerContents(content, within: &room, keeping: PythonDistribution.reads)
    }
    console.say("reading the layer \(layer.digest.short), \(ByteCount(layer.size))")
    let file = try BlobCache(folder).fetch(layer, from: found.source)
    return try LayerContents(ByteSource(InputFile(file)), within: &room, keeping: PythonDistribution.reads)
  }
}

/// An image without provenance beside it.
struct MissingProvenance: ExplainedError {
  let image: String

  var description: String { "no provenance is stored beside \(image)" }
  var hint: String? { "whoever builds the image stores it with `provenance: true` in sematic.yaml" }
}
