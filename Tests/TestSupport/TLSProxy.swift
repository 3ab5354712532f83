import SematicFiles

/// TLS with a certificate of the test's own, in front of a server on loopback: Tests/Fixtures/tls-proxy.py.
package final class TLSProxy: Sendable {
  package let certificate: TestCertificate
  /// `https://127.0.0.1:PORT`
  package let address: String
  private let folder: TemporaryFolder
  private let child: ChildProcess

  /// - Parameters:
  ///   - port: of the server that it hands requests to.
  ///   - days: how long its certificate is valid.
  package init(port: UInt16, days: Int = 2) throws {
    folder = try TemporaryFolder("tls")
    certificate = try TestCertificate(in: folder, days: days)
    let script = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/Fixtures/tls-proxy.py"
    let output = folder.file("log")
    child = try ChildProcess(
      ["python3", "-B", script, certificate.certificate, certificate.key, "\(port)"], output: output)
    let found = try child.waitUntil(output) { text in
      text.split(separator: "\n").compactMap { $0.hasPrefix("port ") ? UInt16($0.dropFirst(5)) : nil }.first
    }
    address = "https://127.0.0.1:\(found)"
  }

  deinit { stop() }

  package func stop() { child.stop() }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool { ChildProcess.canRun("python3", "openssl") }
}
