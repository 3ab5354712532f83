import SematicConfiguration
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicRegistryServer

/// The pipeline's repository in a registry.
struct PushPlace {
  let destination: any ImageDestination
  /// Host and repository as others pull from them.
  let name: String
  private let embedded: EmbeddedRegistry?

  /// Whether it is a registry that is reached over the network.
  var isElsewhere: Bool { embedded == nil }

  /// Whether nobody serves the images when this process has ended.
  var endsWithProcess: Bool { embedded?.isLasting == false }

  /// - Parameter serving: whether others pull from the embedded registry while this process runs.
  init(_ inputs: PipelineInputs, serving: Bool) throws {
    let repository = inputs.pipeline.repository
    switch inputs.pipeline.registry {
    case .local:
      let folder = inputs.state.registry
      let registry = try EmbeddedRegistry(folder: folder, serving: serving, console: inputs.console)
      name = "\(registry.address)/\(repository)"
      destination = try StoredRepository(root: folder, name: repository)
      embedded = registry
    case .remote(let host):
      let registry = try ImageOpener(inputs, cache: nil).registry(host: host, repository: repository)
      (name, destination, embedded) = (registry.name, registry, nil)
    }
  }

  func has(_ digest: Digest) throws -> Bool {
    if let stored = destination as? StoredRepository { return try stored.manifest(digest) != nil }
    do {
      _ = try destination.manifest(.digest(digest))
      return true
    } catch let error as RegistryError where error.status == 404 {
      return false
    }
  }

  func close() { embedded?.close() }
}
