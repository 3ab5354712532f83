import Foundation

/// A certificate authority of a test's own, and a server certificate by it for localhost and 127.0.0.1.
package struct TestCertificate: Sendable {
  package let authority: String
  package let certificate: String
  package let key: String

  /// - Parameters:
  ///   - folder: takes the files.
  ///   - names: of the server, besides.
  ///   - days: how long the server's certificate is valid; a negative number for one that has expired.
  package init(in folder: TemporaryFolder, names: [String] = [], days: Int = 2) throws {
    authority = folder.file("ca.pem")
    certificate = folder.file("server.pem")
    key = folder.file("server.key")
    let names = (["localhost"] + names).map { "DNS:\($0)," }.joined()
    let extensions = try folder.write(
      "server.ext", "subjectAltName=\(names)IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    try Self.openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=Test authority", "-keyout", folder.file("ca.key"), "-out", authority,
    ])
    try Self.openssl([
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-keyout",
      key, "-out", folder.file("server.csr"),
    ])
    try Self.openssl([
      "x509", "-req", "-in", folder.file("server.csr"), "-CA", authority, "-CAkey", folder.file("ca.key"),
      "-CAcreateserial", "-days", "\(days)", "-extfile", extensions, "-out", certificate,
    ])
  }

  package static func openssl(_ arguments: [String]) throws {
    let result = try ChildProcess.run(["openssl"] + arguments)
    guard result.status == 0 else { throw ChildProcess.Failure("openssl \(arguments): \(result.output)") }
  }
}
