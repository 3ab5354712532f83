import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// What docker and podman call certs.d.
@Suite struct CertificateFolderTests {
  let home: TemporaryFolder

  init() throws { home = try TemporaryFolder("home") }

  private func found(_ host: String) throws -> CertificateFolder {
    try CertificateFolder(host: host, environment: ["HOME": home.path], system: [home.file("etc")])
  }

  @Test func `the first folder of the registry counts, with its port`() throws {
    try home.write("etc/r.example:5000/ca.crt", "")
    try home.write("etc/r.example/a.crt", "")
    try home.write("etc/r.example/b.crt", "")
    try home.write("etc/r.example/readme", "")
    #expect(try found("r.example:5000").authorities == [home.file("etc/r.example:5000/ca.crt")])
    #expect(try found("r.example").authorities == ["a", "b"].map { home.file("etc/r.example/\($0).crt") })
    #expect(try found("other.example").authorities.isEmpty)
    try home.write(".config/containers/certs.d/r.example/client.cert", "")
    #expect(throws: CredentialError.self) { try found("r.example") }
    try home.write(".config/containers/certs.d/r.example/client.key", "")
    let own = home.file(".config/containers/certs.d/r.example/client")
    #expect(try found("r.example").authorities.isEmpty)
    #expect(try found("r.example").client == .init(certificate: own + ".cert", key: own + ".key"))
  }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `a registry is trusted, and shown a certificate, by its folder alone`() throws {
    let registry = try DockerRegistry(tls: true, asksForCertificate: true)
    func ping() throws {
      // What is shared between those who speak to a registry in the same way must not know the folder's old state.
      var options = RegistryOptions(environment: ["PATH": "/usr/bin:/bin", "HOME": home.path])
      options.userAgent = UUID().uuidString
      options.retry = RetryPolicy(tries: 1)
      try Registry(host: registry.address, repository: "a", options: options).ping()
    }
    func copy(_ file: String?, as name: String) throws {
      try home.write(".config/containers/certs.d/\(registry.address)/\(name)", FileTree.read(#require(file)))
    }
    let stranger = #expect(throws: RegistryError.self) { try ping() }
    #expect(stranger?.description.contains("its certificate is not trusted") == true)
    #expect(stranger?.hint?.contains("certs.d/\(registry.address)/ca.crt") == true)
    try copy(registry.authority, as: "ca.crt")
    // The server ends the connection, and its reason may be lost with it.
    #expect(throws: RegistryError.self) { try ping() }
    try copy(registry.client?.certificate, as: "client.cert")
    let half = #expect(throws: RegistryError.self) { try ping() }
    #expect(half?.description.contains("client.key is missing") == true)
    try copy(registry.authority, as: "client.key")
    let wrong = #expect(throws: RegistryError.self) { try ping() }
    #expect(wrong?.description.contains("the certificate files for it cannot be used") == true)
    try copy(registry.client?.key, as: "client.key")
    try ping()
  }
}
