import Foundation
import SematicFiles

/// Debian's docker-registry (distribution 2.8) on loopback, with a store of its own.
package final class DockerRegistry: Sendable {
  package enum Access: Sendable {
    case open
    /// Basic, by a password file.
    case password
    /// Bearer, by tokens of this server.
    case token(TokenServer)
  }

  package static let user = "alice"
  package static let password = "s3cret"
  // htpasswd -Bbn alice s3cret
  private static let passwordFile = "alice:$2y$05$davClLl0dYspuRtPROjO5.t/7rnNavZL0lZip/cPsXfQGlbo9fobq\n"

  private let folder: TemporaryFolder
  private let child: ChildProcess
  private let output: String
  /// `127.0.0.1:PORT`, with TLS `localhost:PORT`.
  package let address: String
  /// With TLS, the file of the authority to trust.
  package let authority: String?

  /// A certificate and its key, by the registry's authority.
  package let client: (certificate: String, key: String)?

  /// - Parameters:
  ///   - asksForCertificate: lets in only who has the client certificate.
  ///   - names: that the certificate is for, besides localhost.
  package init(
    _ access: Access = .open, tls: Bool = false, asksForCertificate: Bool = false, names: [String] = []
  ) throws {
    folder = try TemporaryFolder("docker-registry")
    var lines = [
      "version: 0.1", "log: {level: info, accesslog: {disabled: false}}",
      "storage: {filesystem: {rootdirectory: \(folder.file("store"))}, delete: {enabled: true}}", "http:",
      "  addr: 127.0.0.1:0", "  secret: not-a-secret",
    ]
    if tls {
      let certificate = try TestCertificate(in: folder, names: names)
      let asks = asksForCertificate ? ", clientcas: [\(certificate.authority)]" : ""
      lines.append("  tls: {certificate: \(certificate.certificate), key: \(certificate.key)\(asks)}")
      authority = certificate.authority
      client = (certificate.certificate, certificate.key)
    } else {
      authority = nil
      client = nil
    }
    switch access {
    case .open: break
    case .password:
      let file = try folder.write("htpasswd", Self.passwordFile)
      lines.append("auth: {htpasswd: {realm: test, path: \(file)}}")
    case .token(let server):
      lines.append(
        "auth: {token: {realm: \"\(server.realm)\", service: test-registry, issuer: \(TokenServer.issuer), "
          + "rootcertbundle: \(server.certificate)}}")
    }
    let configuration = try folder.write("config.yml", lines.joined(separator: "\n") + "\n")
    output = folder.file("log")
    // Only what it needs: variables named REGISTRY_* would override the file.
    child = try ChildProcess(
      ["docker-registry", "serve", configuration], output: output, environment: ["PATH": "/usr/bin:/bin"])
    let port = try child.waitUntil(output) { text -> Substring? in
      guard let start = text.range(of: "listening on 127.0.0.1:") else { return nil }
      let digits = text[start.upperBound...].prefix { $0.isNumber }
      return text[digits.endIndex...].isEmpty ? nil : digits
    }
    address = "\(tls ? "localhost" : "127.0.0.1"):\(port)"
  }

  /// What it wrote so far, with one line for each request.
  package var log: String { String(decoding: (try? FileTree.read(output)) ?? [], as: UTF8.self) }

  /// The folder of its blobs: `store/docker/registry/v2/blobs/sha256/ab/abcd.../data`.
  package var store: String { folder.file("store") }

  package func stop() { child.stop() }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool { ChildProcess.canRun("docker-registry", "openssl", "python3") }
}
