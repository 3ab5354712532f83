import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// Against Debian's docker-registry, in the shapes that people run it in.
@Suite(.enabled(if: DockerRegistry.isAvailable)) struct RegistryDockerTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func options(_ registry: DockerRegistry, login: Bool = false) throws -> RegistryOptions {
    var environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path]
    if login {
      let auth = Data("\(DockerRegistry.user):\(DockerRegistry.password)".utf8).base64EncodedString()
      try folder.write(".docker/config.json", #"{"auths": {"\#(registry.address)": {"auth": "\#(auth)"}}}"#)
    }
    environment["SSL_CERT_FILE"] = registry.authority
    return RegistryOptions(environment: environment)
  }

  /// Pushes an image of one layer, reads all of it back, and looks for what is not there.
  private func exchange(_ address: String, _ options: RegistryOptions) throws {
    let registry = try Registry(host: address, repository: "team/app", options: options)
    let layer = [UInt8](repeating: 7, count: 3 << 20)
    let layerDescriptor = try Descriptor(of: layer, mediaType: .layer)
    #expect(try registry.hasBlob(layerDescriptor) == false)
    var bytes: Int64 = 0
    let path = try folder.write("layer", layer)
    try registry.writeBlob(layerDescriptor, from: .file(path)) { bytes += $0 }
    #expect(bytes == layerDescriptor.size)
    #expect(try registry.hasBlob(layerDescriptor))
    let configuration = Array(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
    let configurationDescriptor = try Descriptor(of: configuration, mediaType: .configuration)
    try registry.writeBlob(configurationDescriptor, from: .file(try folder.write("config", configuration))) { _ in }
    let manifest = try canonicalJSON(Manifest(config: configurationDescriptor, layers: [layerDescriptor]))
    let descriptor = try Descriptor(of: manifest, mediaType: .manifest)
    try registry.putManifest(manifest, descriptor, tags: ["one", "two"])
    #expect(try registry.manifest(.tag("one")).bytes == manifest)
    #expect(try registry.manifest(.digest(descriptor.digest)).descriptor == descriptor)
    #expect(try registry.tags() == ["one", "two"])
    var read: [UInt8] = []
    try registry.readBlob(layerDescriptor) { read.append(contentsOf: $0) }
    #expect(read == layer)

    let error = #expect(throws: RegistryError.self) { try registry.manifest(.tag("three")) }
    #expect(error?.status == 404)
    #expect(error?.diagnostics.first?.code == "MANIFEST_UNKNOWN")
    #expect(
      error?.description
        == "cannot read the manifest three of \(address)/team/app: not found "
        + "(404, MANIFEST_UNKNOWN: manifest unknown)")
    try mountAndStream(address, options, layerDescriptor)
  }

  private func mountAndStream(_ address: String, _ options: RegistryOptions, _ layer: Descriptor) throws {
    let source = try Registry(host: address, repository: "team/app", options: options)
    let mounted = try Registry(host: address, repository: "other/app", options: options)
    #expect(try mounted.mountBlob(layer, from: source))
    #expect(try mounted.hasBlob(layer))
    let missing = try Descriptor(of: Array("never uploaded".utf8), mediaType: .layer)
    #expect(try mounted.mountBlob(missing, from: source) == false)
    let path = try folder.write("missing", "never uploaded")
    try mounted.writeBlob(missing, from: .file(path)) { _ in }
    #expect(try mounted.hasBlob(missing))
    let streamed = try Registry(host: address, repository: "third/app", options: options)
    try streamed.writeBlob(layer, from: .source(source)) { _ in }
    #expect(try streamed.hasBlob(layer))
  }

  @Test func `plain http on a loopback address needs no flag`() throws {
    let registry = try DockerRegistry()
    try exchange(registry.address, options(registry))
  }

  @Test func `a password is sent where it is asked for`() throws {
    let registry = try DockerRegistry(.password)
    try exchange(registry.address, options(registry, login: true))
  }

  @Test func `without a password the error says how to log in`() throws {
    let registry = try DockerRegistry(.password)
    let client = try Registry(host: registry.address, repository: "a", options: options(registry))
    let error = #expect(throws: RegistryError.self) { try client.manifest(.tag("b")) }
    #expect(error?.status == 401)
    #expect(error?.description.contains("no credentials were found for it") == true)
    #expect(error?.hint == "log in: docker login \(registry.address), or podman login \(registry.address)")
  }

  @Test func `a certificate by an authority of one's own is trusted by SSL_CERT_FILE`() throws {
    let registry = try DockerRegistry(tls: true)
    try exchange(registry.address, options(registry))
  }

  @Test func `an authority can be trusted in addition to the system's`() throws {
    let registry = try DockerRegistry(tls: true)
    var options = try options(registry)
    options.environment["SSL_CERT_FILE"] = nil
    options.caFile = registry.authority
    try Registry(host: registry.address, repository: "a", options: options).ping()
  }

  @Test func `an unknown authority is an error that names the way out, unless insecure`() throws {
    let registry = try DockerRegistry(tls: true)
    var options = try options(registry)
    options.environment["SSL_CERT_FILE"] = nil
    let client = try Registry(host: registry.address, repository: "a", options: options)
    let error = #expect(throws: RegistryError.self) { try client.ping() }
    #expect(error?.description.contains("its certificate is not trusted") == true)
    #expect(error?.hint?.contains("--ca-file") == true)
    options.insecure = true
    try Registry(host: registry.address, repository: "a", options: options).ping()
  }

  @Test func `insecure is said of one registry, and not of where it leads to`() throws {
    let storage = try DockerRegistry(tls: true)
    let server = try ScriptedServer { request in
      request.path == "/v2/" ? .status(200) : .status(307, ["Location": "https://\(storage.address)\(request.target)"])
    }
    var options = RegistryOptions.testing
    options.insecure = true
    let client = try Registry(host: server.address, repository: "a", options: options)
    let error = #expect(throws: RegistryError.self) { try client.manifest(.tag("latest")) }
    #expect(error?.description.contains("its certificate is not trusted") == true)
    #expect(storage.log.contains("/v2/a/") == false)
  }

  @Test func `bearer tokens are fetched once for each set of scopes`() throws {
    let server = try TokenServer()
    let registry = try DockerRegistry(.token(server))
    try exchange(registry.address, options(registry, login: true))
    let requests = server.requests
    #expect(Set(requests).count == requests.count, "\(requests)")
    #expect(requests.contains("GET alice repository:other/app:pull,push repository:team/app:pull"))
  }

  @Test func `many threads share one token`() throws {
    let server = try TokenServer()
    let registry = try DockerRegistry(.token(server))
    let client = try Registry(host: registry.address, repository: "a", options: options(registry, login: true))
    let blob = try Descriptor(of: Array("x".utf8), mediaType: .layer)
    try forEachInParallel(Array(0..<32), threads: 8) { _, _ in _ = try client.hasBlob(blob) }
    #expect(server.requests == ["GET alice repository:a:pull,push"])
  }

  @Test func `tokens that expire in the middle are renewed`() throws {
    let server = try TokenServer(lifetime: 1)
    let registry = try DockerRegistry(.token(server))
    try exchange(registry.address, options(registry, login: true))
  }
}
