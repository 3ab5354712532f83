import SematicCheck
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// Opens images wherever they are.
///
/// This is the one way from a base or a reference to its bytes.
struct ImageOpener {
  /// The cache for blobs of bases; nil to keep none.
  let cache: BlobCache?
  /// The registry that may be insecure.
  let insecureHost: String?
  let caFile: String?
  /// The mirrors of registries, by host.
  var mirrors: [String: [RegistryMirror]] = [:]
  /// The number of retries; nil: the default.
  var retries: Int?
  /// The seconds without data after which a transfer fails; nil: the default.
  var stallSeconds: Double?
  var isSandboxed = false
  /// The folder that paths of bases are relative to; nil for other images, which can be in archives and below the current folder.
  var folderOfBases: String?
  let console: Console

  /// - Parameter limit: the largest number of tries.
  func registry(host: String, repository: String, atMost limit: Int = .max) throws -> Registry {
    let console = console
    var options = RegistryOptions()
    options.insecure = host == insecureHost
    options.caFile = caFile.map { FileTree.absolute($0) }
    if let retries { options.retry.tries = retries + 1 }
    options.retry.tries = min(options.retry.tries, limit)
    options.stallSeconds = stallSeconds ?? options.stallSeconds
    options.isSandboxed = isSandboxed
    options.log = { line in console.detail(line) }
    options.warn = { line in console.warn(line) }
    return try Registry(host: host, repository: repository, options: options)
  }

  func open(_ location: ImageLocation) throws -> OpenedImage {
    switch location {
    case .disk(let format, let path, let name): return try OpenedImage(format, path: path, name: name)
    case .registry(let reference):
      let registry = try registry(host: reference.registry, repository: reference.repository)
      let source = try mirrored(registry)
      return OpenedImage(
        source: cache.map { CachedSource(source, cache: $0) } ?? source,
        identifier: reference.digest.map { .digest($0) } ?? .tag(reference.tag ?? "latest")
      ) { [folderOfBases] in
        folderOfBases.map { ImageLocation.onDisk(reference.shortest, in: $0, formats: [.oci]) }
          ?? ImageLocation.onDisk(reference.shortest)
      }
    }
  }

  /// Opens a base; nil for `scratch`.
  func open(_ base: BaseReference.Source) throws -> OpenedImage? {
    switch base {
    case .scratch: nil
    case .layout(let path, let name): try open(.disk(.oci, path: path, name: name))
    // Without the type, this would call itself.
    case .registry(let reference): try open(ImageLocation.registry(reference))
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

extension PullLocation {
  init(of source: any ImageSource) {
    guard let registry = source.origin as? Registry ?? (source.origin as? MirroredSource)?.registry else {
      self = .disk
      return
    }
    self = registry.isLoopback ? .loopback(registry.name) : .registry(registry.name)
  }
}
