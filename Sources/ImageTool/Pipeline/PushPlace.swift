import SematicConfiguration
import SematicRegistryClient

/// The pipeline's repository in a registry, and the embedded registry if it is in that.
struct PushPlace {
  let registry: Registry
  /// Host and repository as others pull from them.
  let name: String
  private let embedded: EmbeddedRegistry?

  /// Whether nobody serves the images any more when this process ends.
  var endsWithProcess: Bool { embedded?.isLasting == false }

  /// The address of the embedded registry that this process serves.
  var servedAddress: String? { embedded?.address }

  init(_ inputs: PipelineInputs) throws {
    let opener = ImageOpener(inputs, cache: nil)
    let repository = inputs.pipeline.repository
    switch inputs.pipeline.registry {
    case .local:
      let server = try EmbeddedRegistry(folder: inputs.state.registry, console: inputs.console)
      registry = try opener.registry(host: server.address, repository: repository)
      name = "\(server.publicAddress)/\(repository)"
      embedded = server
    case .remote(let host):
      registry = try opener.registry(host: host, repository: repository)
      name = registry.name
      embedded = nil
    }
  }

  func close() { embedded?.close() }
}
