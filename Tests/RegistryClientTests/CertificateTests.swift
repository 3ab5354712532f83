import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// Certificates as people have them.
@Suite(.enabled(if: TLSProxy.isAvailable)) struct CertificateTests {
  let folder: TemporaryFolder
  let server: ScriptedServer

  init() throws {
    folder = try TemporaryFolder("certificates")
    server = try ScriptedServer { _ in .status(200) }
  }

  private func ping(_ front: TLSProxy, _ variables: [String: String] = [:], caFile: String? = nil) throws {
    var options = RegistryOptions.testing
    options.retry.tries = 1
    options.environment.merge(variables) { $1 }
    options.caFile = caFile
    try Registry(host: String(front.address.dropFirst("https://".count)), repository: "a", options: options).ping()
  }

  @Test func `a file without a certificate, or in DER format, is an error that says so`() throws {
    let front = try TLSProxy(port: server.port)
    let der = folder.file("ca.der")
    try TestCertificate.openssl(["x509", "-in", front.certificate.authority, "-outform", "der", "-out", der])
    let empty = try folder.write("empty.pem", "no certificate here\n")
    for (file, words) in [
      (der, "it is in DER format; convert it: openssl x509 -inform der -in \(der)"),
      (empty, "it contains no certificate in PEM format"),
    ] {
      for (variables, caFile) in [([:], file), (["SSL_CERT_FILE": file], nil)] {
        let error = #expect(throws: RegistryError.self) { try ping(front, variables, caFile: caFile) }
        #expect(error?.description.contains(words) == true, "\(error as Any)")
      }
    }
    try ping(front, caFile: front.certificate.authority)
  }

  @Test func `a folder of authorities is trusted by SSL_CERT_DIR`() throws {
    let front = try TLSProxy(port: server.port)
    try FileTree.createDirectory(folder.file("authorities"))
    try folder.write("authorities/ca.pem", FileTree.read(front.certificate.authority))
    try TestCertificate.openssl(["rehash", folder.file("authorities")])
    try ping(front, ["SSL_CERT_DIR": folder.file("authorities")])
    #expect(throws: RegistryError.self) { try ping(front) }
  }

  @Test func `a certificate that has expired is told as that`() throws {
    let front = try TLSProxy(port: server.port, days: -1)
    let error = #expect(throws: RegistryError.self) { try ping(front, caFile: front.certificate.authority) }
    #expect(error?.description.contains("its certificate has expired") == true, "\(error as Any)")
    #expect(error?.hint?.contains("this machine's clock") == true)
  }
}
