import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryServer
import TestSupport

@testable import SematicRegistryClient

/// A registry behind a password, with a base image in it.
struct MatrixRegistry: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case embedded
    case docker = "docker-registry"
    case token = "docker-registry with tokens"
  }

  let kind: Kind
  let address: String
  let base: Image
  let image: Image
  private let folder: TemporaryFolder
  private let docker: DockerRegistry?
  let tokens: TokenServer?
  private let server: RegistryServer?
  /// The last is how every JSON web token begins.
  static let secrets = ["s3cret", Data("alice:s3cret".utf8).base64EncodedString(), "eyJ"]

  init(_ kind: Kind) throws {
    self.kind = kind
    let folder = try TemporaryFolder("matrix")
    self.folder = folder
    switch kind {
    case .embedded:
      let options = RegistryServer.Options(logins: [(DockerRegistry.user, DockerRegistry.password)])
      let server = try RegistryServer(root: folder.file("registry"), options: options)
      server.start()
      (self.server, docker, tokens, address) = (server, nil, nil, server.address)
    case .docker:
      let registry = try DockerRegistry(.password)
      (server, docker, tokens, address) = (nil, registry, nil, registry.address)
    case .token:
      let tokens = try TokenServer()
      let registry = try DockerRegistry(.token(tokens))
      (server, docker, self.tokens, address) = (nil, registry, tokens, registry.address)
    }
    let store = MemoryStore()
    base = try RandomImage.base(in: store, layers: 1, size: 30_000)
    image = try RandomImage.appending(2, to: base, in: folder, size: 200_000)
    let registry = try Registry(host: address, repository: "base", options: options(for: address))
    _ = try publish(base, base: store, to: registry, tags: ["latest"])
  }

  /// With the password for an address, and a short time limit.
  func options(for address: String) throws -> RegistryOptions {
    let home = folder.file("home-\(address.split(separator: ":")[1])")
    let file = home + "/.docker/config.json"
    try AtomicFile.write(Data(#"{"auths": {"\#(address)": {"auth": "\#(Self.secrets[1])"}}}"#.utf8), to: file)
    var options = RegistryOptions(environment: ["PATH": "/usr/bin:/bin", "HOME": home])
    options.retry = RetryPolicy(tries: 3, pause: 0.01)
    // A busy machine is silent for a moment, too.
    options.stallSeconds = 3
    return options
  }

  func stop() {
    server?.stop()
    docker?.stop()
    tokens?.stop()
  }
}

extension MatrixRegistry {
  /// The image under this tag, every byte of it read and checked; nil where there is none.
  func whole(_ repository: String, tag: String) throws -> Digest? {
    let registry = try Registry(host: address, repository: repository, options: options(for: address))
    let document: ManifestDocument
    do {
      document = try registry.manifest(.tag(tag))
    } catch let error as RegistryError where error.status == 404 {
      return nil
    }
    guard case .manifest(let manifest) = document.content else { return nil }
    for blob in [manifest.config] + manifest.layers { try registry.readBlob(blob) { _ in } }
    return document.descriptor.digest
  }
}
