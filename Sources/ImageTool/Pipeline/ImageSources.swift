import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// Opens the places that images are read from.
struct ImageSources {
  /// Blobs of bases are kept here; nil to keep none.
  let cache: BlobCache?
  /// The pipeline's registry, where it said `insecure`.
  let insecureHost: String?
  let caFile: String?
  /// Of the registries that bases are read from.
  var mirrors: [String: [RegistryMirror]] = [:]
  /// How often what failed in passing is tried again; nil for as often as usual.
  var retries: Int?
  let console: Console

  /// - Parameter limit: of the tries in all.
  func registry(host: String, repository: String, atMost limit: Int = .max) throws -> Registry {
    let console = console
    var options = RegistryOptions()
    options.insecure = host == insecureHost
    options.caFile = caFile.map { FileTree.absolute($0) }
    if let retries { options.retry.tries = retries + 1 }
    options.retry.tries = min(options.retry.tries, limit)
    options.log = { line in console.detail(line) }
    return try Registry(host: host, repository: repository, options: options)
  }

  /// A base's place, and how to ask there for it.
  func open(_ source: BaseSource) throws -> (any ImageSource, ManifestIdentifier)? {
    switch source {
    case .scratch: return nil
    case .layout(let path, let tag):
      let layout = try ImageLayout(path)
      return (layout, try layout.identifier(tag: tag))
    case .registry(let reference):
      let registry = try registry(host: reference.registry, repository: reference.repository)
      let identifier = reference.digest.map { ManifestIdentifier.digest($0) } ?? .tag(reference.tag ?? "latest")
      let source = try mirrored(registry)
      guard let cache else { return (source, identifier) }
      return (CachedSource(source, cache: cache), identifier)
    }
  }

  private func mirrored(_ registry: Registry) throws -> any ImageSource {
    guard let mirrors = mirrors[registry.host], !mirrors.isEmpty else { return registry }
    let console = console
    return MirroredSource(
      registry,
      mirrors: try mirrors.map { mirror in
        try self.registry(host: mirror.host, repository: mirror.repository(for: registry.repository), atMost: 2)
      }, log: { line in console.detail(line) })
  }
}
