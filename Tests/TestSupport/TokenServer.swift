import Foundation
import SematicFiles

/// A token service on loopback for registries with Bearer authentication: Tests/Fixtures/token-server.py.
///
/// It knows the user `alice` with the password `s3cret` and the identity token `alice-identity`; whoever says nothing
/// may pull.
package final class TokenServer: Sendable {
  package static let issuer = "test-issuer"

  private let folder: TemporaryFolder
  private let child: ChildProcess
  private let output: String
  package let certificate: String
  package let port: UInt16

  /// - Parameter lifetime: of a token, in seconds.
  package init(lifetime: Int = 300) throws {
    folder = try TemporaryFolder("token-server")
    certificate = folder.file("token.pem")
    let key = folder.file("token.key")
    try TestCertificate.openssl([
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Token server", "-keyout", key,
      "-out",
      certificate,
    ])
    let script = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/Fixtures/token-server.py"
    output = folder.file("log")
    child = try ChildProcess(
      [
        "python3", "-u", script, "--key", key, "--certificate", certificate, "--issuer", Self.issuer, "--lifetime",
        "\(lifetime)",
      ], output: output)
    port = try child.waitUntil(output) { text in
      text.split(separator: "\n").compactMap { $0.hasPrefix("port ") ? UInt16($0.dropFirst(5)) : nil }.first
    }
  }

  package var realm: String { "http://127.0.0.1:\(port)/token" }

  /// One line for each request so far: method, user and the scopes that were asked for.
  package var requests: [String] {
    let text = String(decoding: (try? FileTree.read(output)) ?? [], as: UTF8.self)
    return text.split(separator: "\n").filter { $0.hasPrefix("request ") }.map { String($0.dropFirst(8)) }
  }

  package func stop() { child.stop() }
}
